// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import DebugEndpointDogStatsD

@Suite struct ContainerIdentityTests {
    private static let id = "34dc0b5e626f2c5c4c5170e34b10e7654ce36f0fcd532739f4445baabea03376"
    private static let task = "34dc0b5e626f2c5c4c5170e34b10e765-1234567890"
    private static let uuid = "34dc0b5e-626f-2c5c-4c51-70e34b10e765"

    @Test(arguments: [
        ("13:memory:/docker/\(id)\n0::/init.scope\n", id),  // Docker, version 1
        ("1:name=systemd:/\n4:cpu,cpuacct:/kubepods/besteffort/pod\(uuid)/\(id)\n", id),  // Kubernetes, version 1
        ("0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-\(id).scope\n", id),  // version 2, systemd driver
        ("9:perf_event:/ecs/\(task.prefix(32))/\(task)\n", task),  // Fargate
        ("3:cpu:/garden/\(uuid)\n", uuid),  // Cloud Foundry
        ("3:cpu:/user.slice\n2:memory:/docker/\(id)\n", id),  // not the first line
        ("0::/a:b/\(id)\n", id),  // a colon in the path
    ])
    func anIdInTheCgroupFileIsFound(file: String, expected: String) throws {
        let folder = try TemporaryFolder()
        try folder.write(file, to: "self/cgroup")
        #expect(ContainerIdentity(procfs: folder.path, cgroups: folder.path + "/none").find() == expected)
    }

    @Test(arguments: [
        "", "0::/\n", "0::/user.slice/user-1000.slice/session-3.scope\n", "not a cgroup file", "::/\(id)\n",
        "x:memory:/\(id)\n",
        "0::/\(id)/inner\n", "0::/\(id.uppercased())\n", "0::/\(id.dropLast())g\n", "0::/\(task.prefix(33))\n",
    ])
    func otherCgroupFilesHaveNone(file: String) throws {
        let folder = try TemporaryFolder()
        try folder.write(file, to: "self/cgroup")
        let nowhere = ContainerIdentity(procfs: folder.path, cgroups: folder.path + "/none")
        #expect(nowhere.find() == nil)
    }

    private static func mount(_ root: String) -> String {
        "608 554 0:42 / / rw,relatime master:290 - overlay overlay rw,lowerdir=/x\n"
            + "741 608 254:1 \(root) /etc/hostname rw,relatime - ext4 /dev/vda1 rw\n"
    }

    @Test(arguments: [
        (mount("/docker/containers/\(id)/hostname"), id),
        (mount("/var/lib/docker/containers/\(id)/hostname"), id),
        (mount("/ecs/\(task)/x/hostname"), task),
        (mount("/containers/\(String(repeating: "0", count: 64))/overlay/\(id)/hostname"), id),  // the rightmost
    ])
    func anIdInTheMountsIsFoundWhereTheCgroupFileHasNone(file: String, expected: String) throws {
        let folder = try TemporaryFolder()
        try folder.write("0::/\n", to: "self/cgroup")
        try folder.write(file, to: "self/mountinfo")
        #expect(ContainerIdentity(procfs: folder.path, cgroups: folder.path + "/none").find() == expected)
    }

    @Test(arguments: [
        mount("/var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes/\(id)/hostname"), mount("/\(id)/resolv.conf"),
        "", "/\n",
    ])
    func sandboxesAndOtherMountsAreNotTheContainer(file: String) throws {
        let folder = try TemporaryFolder()
        try folder.write("0::/\n", to: "self/cgroup")
        try folder.write(file, to: "self/mountinfo")
        #expect(ContainerIdentity(procfs: folder.path, cgroups: folder.path + "/none").find() == nil)
    }

    @Test(arguments: [("0::/inner\n", "inner"), ("0::/\n", ""), ("5:memory:/inner\n1:cpu:/x\n", "memory/inner")])
    func withoutAnIdTheInodeOfTheCgroupsDirectoryIsSent(file: String, directory: String) throws {
        let folder = try TemporaryFolder()
        try folder.write(file, to: "proc/self/cgroup")
        try FileManager.default.createDirectory(
            atPath: folder.path + "/cgroup/" + directory, withIntermediateDirectories: true)
        let attributes = try FileManager.default.attributesOfItem(atPath: folder.path + "/cgroup/" + directory)
        let inode = try #require(attributes[.systemFileNumber] as? UInt64)
        let identity = ContainerIdentity(procfs: folder.path + "/proc", cgroups: folder.path + "/cgroup")
        #expect(identity.find() == "in-\(inode)")
    }

    @Test func originFieldsStandInTheirOrderAndCanBeTurnedOff() throws {
        let folder = try TemporaryFolder()
        try folder.write("0::/docker/\(Self.id)\n", to: "self/cgroup")
        let identity = ContainerIdentity(procfs: folder.path, cgroups: folder.path)
        var environment = ["DD_EXTERNAL_ENV": "it-false,cn-a|b\u{7}\u{200B}", "DD_CARDINALITY": "LOW"]
        let origin = Origin(ProcessEnvironment(environment), identity)
        #expect(origin.fields == "|c:\(Self.id)|e:it-false,cn-ab")
        #expect(origin.cardinality == "|card:low")
        environment["DD_ORIGIN_DETECTION_ENABLED"] = "false"
        environment["DD_CARDINALITY"] = "some"
        environment["DATADOG_CARDINALITY"] = "high"
        let off = Origin(ProcessEnvironment(environment), identity)
        #expect(off.fields == "")
        #expect(off.cardinality == "|card:high")
    }
}
