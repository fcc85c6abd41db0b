import Contracts

@testable import HostProbe

/// What any program of a host can make `/proc` say, and what is asked and answered about it.
enum ProcessTargets {
    static var all: [FuzzTarget] { [stat, files, question, answer, pattern] }

    private static let stat = FuzzTarget(
        "process_stat",
        texts: [
            "1234 (a) S\n) R 1 1234 1234 34816 -1 4194304 100 200 3 4 150 50 7 8 20 -5 3 0 98765 104857600 2560 "
                + "18446744073709551615 1 1\n",
            "16 (migration/0) I 2 0 0 0 -1 69238880 0 0 0 0 0 7 0 0 -100 0 1 0 12 0 0 18446744073709551615 0 0",
        ]
    ) { input in
        guard let stat = input.withUnsafeBytes(ProcessStat.init) else { throw Refused() }
        try Finding.unless(stat.identity.pid >= 0, "a negative process")
        let share = stat.processorPercent(
            since: [stat.identity: 1], elapsed: .milliseconds(1), ticksPerSecond: 100)
        try Finding.unless(share.map { $0 >= 0 && $0.isFinite } ?? false, "a share that is no number")
    }

    private static let files = FuzzTarget(
        "process_files",
        texts: [
            "python3\0-m\0a b\0\0", "Name:\ta\\n)\nUid:\t1000\t0\t1000\t1000\n",
            "rchar: 1\nread_bytes: 4096\nwrite_bytes: 8192\n",
        ]
    ) { input in
        try input.withUnsafeBytes { bytes in
            let line = ProcessFiles.commandLine(bytes)
            let found: [Any?] = [line, ProcessFiles.user(status: bytes), ProcessFiles.transfers(io: bytes)]
            try Finding.unless(line.map { !$0.utf8.contains(0) } ?? true, "a command line holds a zero")
            if found.allSatisfy({ $0 == nil }) { throw Refused() }
        }
    }

    private static let question = FuzzTarget(
        "question",
        texts: [
            #"{"id":"r","ingress":"i","subject":"processes","parameters":{"sort_by":"name","limit":500,"#
                + #""filter_pattern":"^a","min_cpu_percent":0.5,"min_memory_mb":1e3},"#
                + #""asked_at":"2026-11-21T03:00:00Z","expires_at":"2026-11-21T03:00:05Z"}"#
        ]
    ) { input in
        let question = try HostQuestion(json: input)
        try Finding.unlessStable(question, \.json, { try HostQuestion(json: $0) })
        try Finding.unlessStable(
            try ProcessQuery(json: question.parameters), \.json, { try ProcessQuery(json: $0) })
    }

    private static let answer = FuzzTarget(
        "answer",
        texts: [
            #"{"id":"r","host":"h","answered_at":"2026-11-21T03:00:00Z","failure":null,"processes":[{"pid":1,"#
                + #""name":"a)\n","status":"zombie","cpu_percent":1.5,"memory_mb":2,"memory_percent":0.1,"threads":3,"#
                + #""created_time":"2026-11-21T03:00:00Z","command_line":"a b","parent_pid":0},{"pid":2,"name":""}]}"#,
            #"{"id":"r","host":"h","answered_at":"2026-11-21T03:00:00Z","failure":"unreadable","processes":null}"#,
            #"{"id":"r","host":"h","answered_at":"2026-11-21T03:00:00Z","failure":null,"security":{"checks":[{"name":"#
                + #""a","outcome":"finding","severity":"high","title":"t","evidence":"0","advice":"b"}]}}"#,
            #"{"id":"r","host":"h","answered_at":"2026-11-21T03:00:00Z","failure":null,"processes":null,"#
                + #""sampled_at":"2026-11-21T03:00:00.25Z"}"#,
        ]
    ) { input in try Finding.unlessStable(try HostAnswer(json: input), \.json, { try HostAnswer(json: $0) }) }

    /// A pattern and, after a line feed, the text it is looked for in.
    private static let pattern = FuzzTarget(
        "pattern",
        texts: ["^(a+)+$\naaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "(?i)py(thon)?[0-9]{1,3}\\b\n/usr/bin/Python3", "a?b*\n"]
    ) { input in
        let parts = input.split(separator: 10, maxSplits: 1, omittingEmptySubsequences: false)
        guard let pattern = SearchPattern(String(decoding: parts[0], as: UTF8.self)) else { throw Refused() }
        _ = pattern.isFound(in: parts.count > 1 ? String(decoding: parts[1], as: UTF8.self) : "")
    }
}
