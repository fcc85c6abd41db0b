/// Which processes of a host are asked for, and in which order.
package struct ProcessQuery: Sendable, Hashable {
    package enum Order: String, Sendable, CaseIterable {
        /// Busiest first; those whose share is not known yet last.
        case cpu
        /// Largest first.
        case memory
        /// By the bytes of the name.
        case name
        case pid
    }

    /// Rows of an answer.
    package static let limits = 1...500

    package var order: Order
    package var limit: Int
    /// A `SearchPattern` that is looked for in the name and the command line.
    package var pattern: String?
    /// A process whose share is not known counts as 0.
    package var minimumCPUPercent: Double?
    package var minimumMemoryMiB: Double?

    package init(
        order: Order = .cpu, limit: Int = 50, pattern: String? = nil, minimumCPUPercent: Double? = nil,
        minimumMemoryMiB: Double? = nil
    ) {
        self.order = order
        self.limit = limit
        self.pattern = pattern
        self.minimumCPUPercent = minimumCPUPercent
        self.minimumMemoryMiB = minimumMemoryMiB
    }

    package init(json: [UInt8]) throws {
        try self.init(JSONDocument(parsing: json).root)
    }

    package init(_ value: JSONValue) throws(MessageError) {
        order = try value.required("sort_by", "an order") { $0.string.flatMap(Order.init) }
        limit = try value.required("limit", "from 1 to 500") { value in
            value.int.flatMap { Self.limits.contains($0) ? $0 : nil }
        }
        pattern = value["filter_pattern"]?.string
        minimumCPUPercent = value["min_cpu_percent"]?.double
        minimumMemoryMiB = value["min_memory_mb"]?.double
    }

    package var json: [UInt8] {
        var writer = JSONWriter(capacity: 128)
        writer.object { writer in
            writer.member("sort_by", order.rawValue)
            writer.member("limit", limit)
            writer.member("filter_pattern", pattern)
            writer.member("min_cpu_percent", minimumCPUPercent)
            writer.member("min_memory_mb", minimumMemoryMiB)
        }
        return writer.bytes
    }
}

extension ProcessQuery {
    static let schema = Schema.object(
        [
            .init("sort_by", .words(Order.allCases.map(\.rawValue))),
            .init("limit", .integer(50, in: limits)),
            .init(
                "filter_pattern",
                .text(
                    "^python", "A regular expression in RE2's syntax.", length: 0...SearchPattern.maximumLength
                ).nullable),
            .init("min_cpu_percent", .number(1).nullable),
            .init("min_memory_mb", .number(10).nullable),
        ], "Which processes, and in which order.")
}
