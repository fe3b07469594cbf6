// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Three locks, no two of which are held together: what is cached is answered while somebody else reads debug information.
import Synchronization

/// Names, files and lines for addresses of this process.
///
/// Safe from any thread; takes no lock of the loader, so that it works when a thread is stuck in `dlopen`. Reads the files of the
/// images, never memory that might fault. Threads, descriptors and mappings of its own: none after a call has returned.
/// Cost: 0.2 µs for an address that was asked for before, 1 to 50 µs for another, once some 10 ms for each module with debug
/// information. Memory: up to 65 536 addresses are kept, then it begins anew.
package final class Symbolizer: Sendable {
    package static let shared = Symbolizer()

    private let cache = Mutex(FrameCache())
    private let images = Mutex(ImageTable())
    private let debugInformation = Mutex<[ImageFile: Loaded]>([:])

    /// Debug information that was found, or that there is none.
    private struct Loaded {
        let information: DebugInformation?
    }

    /// Where an address lies.
    private struct Place {
        let address: CodeAddress
        var image: String?
        var file: ImageFile?
        /// Before relocation.
        var offset: UInt64 = 0
        var symbol: String?
    }

    package init() {}

    /// The frames at an address: inlined ones first, from the innermost out, and the function last. Never empty.
    package func frames(at address: CodeAddress) -> [SourceFrame] { frames(at: [address])[0] }

    /// The frames for each of `addresses`, in their order.
    package func frames(at addresses: [CodeAddress]) -> [[SourceFrame]] {
        refreshImages()
        var generation = 0
        var unknown: [CodeAddress] = []
        var found = cache.withLock { cache -> [[SourceFrame]] in
            generation = cache.generation
            return addresses.map { address in
                let frames = cache[address]
                if frames == nil { unknown.append(address) }
                return frames ?? []
            }
        }
        if unknown.isEmpty { return found }
        let new = symbolicate(Array(Set(unknown)))
        for (index, address) in addresses.enumerated() where found[index].isEmpty {
            found[index] = new[address] ?? [SourceFrame(function: nil)]
        }
        // What belongs to no image is not kept: a module may be loaded there.
        cache.withLock { cache in
            for (address, frames) in new where frames.last?.image != nil {
                cache.insert(frames, for: address, generation: generation)
            }
        }
        return found
    }

    /// The function of a symbol table that has `address`, by its mangled name. Demangles nothing and reads no debug information.
    ///
    /// Cost: some 0.3 µs once the image's table has been read.
    package func function(at address: UInt) -> FunctionSymbol? {
        let (function, somethingHasGone) = images.withLock { table in
            var gone = table.refresh()
            if !table.hasCode(at: address) { gone = table.refresh(somethingIsUnknown: true) || gone }
            return (table.function(at: address), gone)
        }
        if somethingHasGone { cache.withLock { $0.removeAll() } }
        return function
    }

    /// The variable of a program's own that has `address`, by its mangled name, if it is one of Swift's and its type has to do with
    /// `Task`; and `_dispatch_continuation_vtables`. Known by symbols: a module without .symtab has none here.
    package func taskVariable(at address: UInt) -> (name: String, start: UInt)? {
        refreshImages()
        return images.withLock { $0.taskVariable(at: address) }
    }

    /// Where the code of async functions is, in order, over all loaded images.
    ///
    /// Known by symbols: a module without .symtab has at most the first parts of its public functions here. Cost: the first time,
    /// and for each new image, its symbol table is read.
    package func asyncCode() -> [Range<UInt>] {
        refreshImages()
        return images.withLock { $0.asyncCode() }
    }

    /// All modules with code, in order of address.
    package func loadedImages() -> [LoadedImage] {
        refreshImages()
        return images.withLock { $0.entries.map(\.image) }
    }

    /// Where in its file a module has `address`, which may be data's.
    func loadedPlace(ofData address: UInt) -> (image: String, file: ImageFile, offset: UInt64)? {
        refreshImages()
        return images.withLock { table in
            guard let entry = table.entry(containing: address), let file = entry.file else { return nil }
            return (entry.image.name, file, UInt64(address &- entry.bias))
        }
    }

    private func refreshImages() {
        if images.withLock({ $0.refresh() }) { cache.withLock { $0.removeAll() } }
    }

    private func symbolicate(_ addresses: [CodeAddress]) -> [CodeAddress: [SourceFrame]] {
        let (places, somethingHasGone) = images.withLock { table in
            var gone = false
            if addresses.contains(where: { !table.hasCode(at: $0.lookupAddress) }) {
                gone = table.refresh(somethingIsUnknown: true)
            }
            return (addresses.map { Self.place($0, &table) }, gone)
        }
        if somethingHasGone { cache.withLock { $0.removeAll() } }
        let locations = locations(places)
        var names: [String: DemangledName] = [:]
        func demangled(_ name: String) -> DemangledName {
            if let known = names[name] { return known }
            let new = DemangledName(mangled: name)
            names[name] = new
            return new
        }
        var frames: [CodeAddress: [SourceFrame]] = [:]
        for (place, locations) in zip(places, locations) {
            frames[place.address] = locations.map { location in
                // The symbol table has the name the linker settled on; debug information names what was inlined, and files
                // that were stripped of symbols only.
                let name = location.isInlined ? location.name : place.symbol ?? location.name
                let readable = name.map(demangled)
                return SourceFrame(
                    function: readable?.text, mangledName: name, file: location.file, line: location.line,
                    isInlined: location.isInlined, image: place.image, isThunk: readable?.isThunk ?? false,
                    isRuntimeFailure: readable?.isRuntimeFailure ?? false)
            }
        }
        return frames
    }

    private static func place(_ address: CodeAddress, _ table: inout ImageTable) -> Place {
        var place = Place(address: address)
        if let entry = table.entry(at: address.lookupAddress) {
            place.image = entry.image.path
            place.file = entry.file
            place.offset = UInt64(address.lookupAddress &- entry.bias)
            place.symbol = table.function(at: address.lookupAddress)?.name
        }
        return place
    }

    /// For each place its frames by debug information; one without anything but a place for the symbol when there is none.
    private func locations(_ places: [Place]) -> [[SourceLocation]] {
        var found = [[SourceLocation]](repeating: [SourceLocation(isInlined: false)], count: places.count)
        for (file, indices) in Dictionary(grouping: places.indices, by: { places[$0].file }) {
            guard let file else { continue }
            let locations = debugInformation.withLock { loaded in
                if loaded[file] == nil {
                    if loaded.count >= 1024 { loaded = [:] }  // modules that came and went
                    loaded[file] = Loaded(information: DebugInformation(file))
                }
                return loaded[file]?.information?.locations(at: indices.map { places[$0].offset })
            }
            for (index, list) in zip(indices, locations ?? []) where !list.isEmpty { found[index] = list }
        }
        return found
    }
}
