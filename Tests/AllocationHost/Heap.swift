// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// The C library's functions under their own names, but looked up: where the compiler knows malloc, it leaves out what it can, and
// takes for granted that what it left out would have succeeded.
import Glibc

typealias Block = UnsafeMutableRawPointer
let malloc: @convention(c) (Int) -> Block? = found("malloc")
let calloc: @convention(c) (Int, Int) -> Block? = found("calloc")
let realloc: @convention(c) (Block?, Int) -> Block? = found("realloc")
let reallocarray: @convention(c) (Block?, Int, Int) -> Block? = found("reallocarray")
let free: @convention(c) (Block?) -> Void = found("free")
let memalign: @convention(c) (Int, Int) -> Block? = found("memalign")
let alignedAlloc: @convention(c) (Int, Int) -> Block? = found("aligned_alloc")
let posixMemalign: @convention(c) (UnsafeMutablePointer<Block?>, Int, Int) -> Int32 = found("posix_memalign")
let valloc: @convention(c) (Int) -> Block? = found("valloc")
let pvalloc: @convention(c) (Int) -> Block? = found("pvalloc")
let strdup: @convention(c) (UnsafePointer<CChar>) -> Block? = found("strdup")
let usableSize: @convention(c) (Block?) -> Int = found("malloc_usable_size")
/// Swift hides it; children here run on, which is what is to be tested.
let fork: @convention(c) () -> pid_t = found("fork")
/// glibc's, past whatever took malloc's place.
let mallocOfGlibc: @convention(c) (Int) -> Block? = found("__libc_malloc")

private func found<Function>(_ name: String) -> Function {
    guard let function = dlsym(nil, name) else { fatalError("there is no \(name)") }
    return unsafeBitCast(function, to: Function.self)
}

/// Looks all of them up, so that no first use allocates in the middle of a count.
func lookUpAllocator() {
    free(malloc(1))
    free(calloc(1, 1))
    free(realloc(nil, 1))
    free(reallocarray(nil, 1, 1))
    free(memalign(16, 1))
    free(alignedAlloc(16, 16))
    var block: Block?
    _ = posixMemalign(&block, 16, 1)
    free(block)
    free(valloc(1))
    free(pvalloc(1))
    free(strdup(""))
    _ = usableSize(nil)
    _ = fork
}
