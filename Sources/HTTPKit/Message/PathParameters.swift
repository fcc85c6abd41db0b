/// The values that a route's `{name}` segments took from the path, percent-decoded.
package struct PathParameters: Sendable, Hashable {
    let names: [String]
    let values: [String]

    /// What a pattern without `{name}` segments gives.
    static let none = PathParameters(names: [], values: [])

    init(names: [String], values: [String]) {
        self.names = names
        self.values = values
    }

    /// The value of the segment called `name`; nil when the route's pattern has none of that name.
    package subscript(name: String) -> String? {
        names.firstIndex(of: name).map { values[$0] }
    }

    /// The value of the segment called `name`, converted.
    ///
    /// - Throws: 422 `validation_error` when the text isn't a `T`; 500 when the pattern has no such segment.
    package func require<T: LosslessStringConvertible>(_ name: String, as type: T.Type = T.self) throws(HTTPError) -> T
    {
        guard let text = self[name] else { throw .internalError }
        guard let value = T(text) else {
            throw HTTPError(422, "validation_error", "The path parameter \(name) is not valid.")
        }
        return value
    }
}
