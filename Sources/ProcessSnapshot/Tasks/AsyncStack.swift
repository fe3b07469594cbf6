// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// Where a task that does not run will go on, and the functions that await it: the innermost first.
struct AsyncStack {
    private(set) var addresses: [UInt] = []
    /// Why it ends early; nil when it is whole.
    private(set) var note: String?

    private static let longest = 256

    /// A context begins with its caller's context, and the function in which the caller goes on. The outermost has no caller
    /// and goes on in the runtime's own function that ends the task, which is left out.
    init(
        _ core: TaskRecord.Core, _ adapters: TaskLayout.Adapters, _ groupAdapters: Set<UInt>, _ code: ExecutableMap,
        _ cache: PageCache
    ) {
        var context = core.resumeContext
        if adapters.unstarted.contains(core.resumeFunction) {
            // Before the context lie, for the adapter: the function to begin with, its closure, where an error goes.
            guard let entry = cache.word(context &- 24), code.contains(entry) else {
                note = "it has not begun, and where it begins could not be read"
                return
            }
            addresses.append(entry)
        } else if !adapters.waiting.contains(core.resumeFunction), !groupAdapters.contains(core.resumeFunction) {
            addresses.append(core.resumeFunction)
            // A continuation's context is one more, made for the wait, and goes on where the task does.
            if cache.word(context &+ 8) == core.resumeFunction, let caller = cache.word(context), caller != 0 {
                context = caller
            }
        }
        while context != 0 {
            guard let caller = cache.word(context), let function = cache.word(context &+ 8) else {
                note = "the context at 0x\(String(context, radix: 16)) could not be read"
                return
            }
            if caller == 0 { return }
            guard code.contains(function) else {
                note = "the context at 0x\(String(context, radix: 16)) leads to no code"
                return
            }
            guard addresses.count < Self.longest else {
                note = "it has more than \(Self.longest) functions"
                return
            }
            addresses.append(function)
            context = caller
        }
    }
}
