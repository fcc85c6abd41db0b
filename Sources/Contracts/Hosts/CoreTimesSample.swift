/// Where the time of each online processor went, in percent, rounded to tenths: a column of numbers for each kind of
/// time, so that 256 processors take some 8 KB.
package struct CoreTimesSample: Sendable, Hashable {
    /// What a processor does. All but `guest`, which is a part of user and nice, add up to 100.
    package enum Kind: String, Sendable, CaseIterable {
        case user, nice, system, idle
        case ioWait = "iowait"
        case irq
        case softIRQ = "softirq"
        case steal, guest
    }

    /// Tenths of a percent, a column for each kind in its order.
    private var columns: [[Int16?]]

    /// - Parameter share: of a kind, of each online processor in the order of their numbers; nil for one that was just
    ///   plugged in.
    package init(_ shares: (Kind) -> [Double?]) {
        columns = Kind.allCases.map { shares($0).map { $0.flatMap(Self.tenths) } }
    }

    /// Nil for what is no object.
    init?(_ value: JSONValue) {
        guard value.kind == .object else { return nil }
        self.init { kind in value[kind.rawValue]?.elements.map(\.double) ?? [] }
    }

    package subscript(kind: Kind) -> [Double?] {
        let column = zip(Kind.allCases, columns).first { $0.0 == kind }?.1 ?? []
        return column.map { $0.map { Double($0) / 10 } }
    }

    package func writeMembers(to writer: inout JSONWriter) {
        for (kind, column) in zip(Kind.allCases, columns) {
            writer.member(
                kind.rawValue,
                array: { writer in
                    for tenths in column {
                        guard let tenths else {
                            writer.null()
                            continue
                        }
                        // Most are whole, and most of those 0.
                        if tenths % 10 == 0 { writer.int(tenths / 10) } else { writer.double(Double(tenths) / 10) }
                    }
                })
        }
    }

    private static func tenths(_ percent: Double) -> Int16? {
        percent.isFinite ? Int16((min(max(percent, 0), 100) * 10).rounded()) : nil
    }
}

extension CoreTimesSample {
    package static let schema = Schema.object(
        Kind.allCases.map { kind in
            let example: Double =
                switch kind {
                case .user: 8.2
                case .system: 4
                case .idle: 87.8
                default: 0
                }
            return .init(
                kind.rawValue, .array(.percent(example).nullable, kind == .guest ? "A part of user and nice." : nil))
        }, "Of each online processor, rounded to tenths; null for one that was just plugged in.")
}
