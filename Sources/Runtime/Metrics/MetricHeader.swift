/// What all series of a metric have in common.
struct MetricHeader: Sendable {
    enum Kind: String, Sendable { case counter, gauge, histogram }

    let name: String
    let help: String
    let kind: Kind
    let labels: [String]

    init(name: String, help: String, kind: Kind, labels: [String]) {
        self.name = Self.valid(name, allowsColon: true)
        self.help = help
        self.kind = kind
        self.labels = labels.map { Self.valid($0, allowsColon: false) }
    }

    func isCompatible(with other: MetricHeader) -> Bool { kind == other.kind && labels == other.labels }

    /// As many values as labels: missing ones are empty, surplus ones are left out.
    func values(_ values: [String]) -> [String] {
        if values.count == labels.count { return values }
        return Array((values + Array(repeating: "", count: labels.count)).prefix(labels.count))
    }

    /// `a="1",b="2"`
    func labelText(_ values: [String]) -> String {
        zip(labels, values).map { "\($0)=\"\(MetricsText.escapedLabel($1))\"" }.joined(separator: ",")
    }

    /// `[a-zA-Z_:][a-zA-Z0-9_:]*`, for labels without the colon.
    private static func valid(_ name: String, allowsColon: Bool) -> String {
        var result = ""
        for byte in name.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            case UInt8(ascii: "0")...UInt8(ascii: "9") where !result.isEmpty:
                result.unicodeScalars.append(Unicode.Scalar(byte))
            case UInt8(ascii: ":") where allowsColon: result += ":"
            default: result += "_"
            }
        }
        return result.isEmpty ? "_" : result
    }
}
