// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import ProcessSnapshot
import Profiles

/// Threads and tasks at one moment, as profiles: how many are where.
struct StackProfiles {
    var threads: ThreadsSnapshot?
    var tasks: TasksSnapshot?

    /// How many of `name`, such as `thread`, have each stack. Where threads are not alone, the label `kind` tells them apart.
    func profile(_ name: String) -> Profile {
        var table = SampleTable(.count(of: name))
        let isMixed = name == "goroutine"
        for thread in threads?.threads ?? [] {
            var labels = [Label("name", thread.name), Label("state", thread.state.rawValue)]
            if isMixed { labels.append(Label("kind", "thread")) }
            table.add(Self.lookup(thread), [1], labels: labels)
        }
        for task in tasks?.tasks ?? [] {
            var labels = [Label("state", task.state.rawValue)]
            if let name = task.name { labels.append(Label("name", name)) }
            if isMixed { labels.append(Label("kind", "task")) }
            table.add(task.stack, [1], labels: labels)
        }
        return table.profile(
            mappings: ProcessView.mappings(), time: ProcessView.nanosecondsSince1970(), locate: ProcessView.locate)
    }

    /// Each on its own.
    func dump() -> Dump {
        let stacks = (threads?.threads ?? []).map(Self.lookup) + (tasks?.tasks ?? []).map(\.stack)
        let addresses = Array(Set(stacks.joined()))
        let locations = Dictionary(
            zip(addresses, ProcessView.locate(addresses)), uniquingKeysWith: { first, _ in first })
        func located(_ stack: [UInt]) -> [Location] { stack.compactMap { locations[$0] } }

        let threadEntries = (threads?.threads ?? []).map { thread in
            var state = thread.state.rawValue
            if let primitive = thread.waitingOn {
                state += " on \(primitive.kind)"
            } else if let call = thread.systemCall {
                state += " in \(call)"
            }
            var remarks: [String] = []
            if let holder = thread.holder { remarks.append("held by thread \(holder.id)") }
            if let task = thread.task { remarks.append("task \(task)") }
            return DumpEntry(
                kind: "thread", id: UInt64(thread.id), state: state, duration: thread.waiting, remarks: remarks,
                labels: [Label("name", thread.name)], stack: located(Self.lookup(thread)), note: thread.stackNote)
        }
        let taskEntries = (tasks?.tasks ?? []).map { task in
            var remarks: [String] = []
            if task.isCancelled { remarks.append("cancelled") }
            if let thread = task.thread { remarks.append("on thread \(thread)") }
            if let parent = task.parent { remarks.append("child of task \(parent)") }
            return DumpEntry(
                kind: "task", id: task.id,
                state: task.state.rawValue + (task.waitingOn.map { ", waiting for \($0.description)" } ?? ""),
                remarks: remarks, labels: task.name.map { [Label("name", $0)] } ?? [], stack: located(task.stack),
                note: task.stackNote)
        }
        return Dump(threadEntries + taskEntries, mappings: ProcessView.mappings())
    }

    /// A thread's stack as addresses to look up: of a return address, the byte before.
    private static func lookup(_ thread: ThreadSnapshot) -> [UInt] {
        thread.stack.enumerated().map { $0.offset == 0 ? $0.element : $0.element &- 1 }
    }
}
