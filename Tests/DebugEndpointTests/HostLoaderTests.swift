// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// The endpoint against a host with a thread that is stuck for ever with a lock of the loader.
import Foundation
import Testing

struct HostLoaderTests {
    private static let constructor = """
        #include <stdlib.h>
        #include <unistd.h>
        __attribute__((constructor)) static void wait_for_ever(void)
        {
            char byte;
            if (read(atoi(getenv("STUCK_CONSTRUCTOR")), &byte, 1) < 0)
                abort();
        }

        """

    @Test func aThreadStuckInAConstructorOfALibraryKeepsNoPageFromAnswering() throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("stuck-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let (source, library) = (
            directory.appendingPathComponent("stuck.c"), directory.appendingPathComponent("stuck.so")
        )
        try Self.constructor.write(to: source, atomically: true, encoding: .utf8)
        // The one that built the package's own C.
        let compiler = Process()
        compiler.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        compiler.arguments = ["clang", "-shared", "-fPIC", source.path, "-o", library.path]
        try compiler.run()
        compiler.waitUntilExit()
        try #require(compiler.terminationStatus == 0, "clang is needed in PATH, as Swift's toolchain has it")
        check(try HostProcess("stuck-loader", [library.path]))
    }

    @Test func aThreadStuckWhileItListsLibrariesKeepsNoPageFromAnswering() throws {
        check(try HostProcess("stuck-loader"))
    }

    private func check(_ host: HostProcess) {
        #expect(host.values["is_stuck"] == "true")
        #expect(host.values["not_loaded"] == nil)
        #expect(host.number("right_answers") == host.number("asked"), "\(host.values["paths"] ?? "")")
        #expect(host.values["names_the_stuck_one"] == "true")
        #expect(host.number("others_meanwhile") == 0, "who needs the loader does hang")
        #expect(host.number("others_afterwards") == 1)
    }
}
