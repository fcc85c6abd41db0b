/// The query of a request's target: decoded when it is asked for, because most requests never look.
package struct QueryParameters: Sendable, Hashable {
    /// The text after the first `?`, still encoded; empty when there is none.
    package let raw: String

    /// Takes the encoded text after the `?`.
    package init(raw: String = "") {
        self.raw = raw
    }

    /// Whether the query is absent or empty.
    package var isEmpty: Bool { raw.isEmpty }

    /// Every name and value in order, decoded; `+` is a space, a name without `=` has an empty value.
    package var pairs: [(name: String, value: String)] {
        raw.utf8.split(separator: 38).map { pair in
            let parts = pair.split(separator: 61, maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.count > 1 ? PercentEncoding.decode(parts[1], plusIsSpace: true) : ""
            return (PercentEncoding.decode(parts[0], plusIsSpace: true), value)
        }
    }

    /// The first value called `name`.
    package func first(_ name: String) -> String? {
        raw.isEmpty ? nil : pairs.first { $0.name == name }?.value
    }

    /// Every value called `name`, in order.
    package func all(_ name: String) -> [String] {
        raw.isEmpty ? [] : pairs.compactMap { $0.name == name ? $0.value : nil }
    }
}
