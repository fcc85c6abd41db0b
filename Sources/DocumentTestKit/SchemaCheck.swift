package import Contracts
internal import Runtime

/// Holds JSON values against the schemas of a document, as it was published.
///
/// Knows the part of JSON Schema 2020-12 that the fleet's documents use, and says so of anything else. It is stricter
/// than the standard in one thing: a member that an object's `properties` do not name is a fault unless
/// `additionalProperties` is there, because our documents must name what we write.
package struct SchemaCheck: Sendable {
    private let document: JSONValue

    package init(document: JSONValue) { self.document = document }

    /// What is wrong with a value, each with where it is; empty when it fits.
    package func faults(_ value: JSONValue, _ schema: JSONValue, at path: String = "$") -> [String] {
        schema.members.flatMap { name, rule in check(value, name.string, rule, schema, path) }
    }

    /// What a reference of the document points at.
    package func resolve(_ reference: String) -> JSONValue? {
        guard reference.hasPrefix("#/") else { return nil }
        return reference.dropFirst(2).split(separator: "/").reduce(Optional(document)) { value, name in
            value?[String(name)]
        }
    }

    private func check(
        _ value: JSONValue, _ keyword: String, _ rule: JSONValue, _ schema: JSONValue, _ path: String
    ) -> [String] {
        switch keyword {
        case "description", "default", "example",
            "items" where value.kind != .array:
            return []
        case "$ref":
            guard let target = rule.string.flatMap(resolve) else { return ["\(path): unknown reference \(rule.text)"] }
            return faults(value, target, at: path)
        case "type":
            let types = rule.kind == .array ? rule.elements.compactMap(\.string) : [rule.string ?? ""]
            return types.contains(where: value.isOf) ? [] : ["\(path): \(value.text) is not of type \(rule.text)"]
        case "enum":
            let isNamed = rule.elements.contains { $0.minified == value.minified }
            return isNamed ? [] : ["\(path): \(value.text) is none of \(rule.text)"]
        case "anyOf":
            let tries = rule.elements.map { faults(value, $0, at: path) }
            return tries.contains(where: \.isEmpty)
                ? [] : ["\(path): fits none of: \(tries.map { $0.joined(separator: ", ") })"]
        case "minimum", "maximum", "exclusiveMinimum", "minLength", "maxLength", "minItems", "maxItems":
            return bound(value, keyword, rule.double ?? .nan, path)
        case "format": return format(value, rule.string ?? "", path)
        case "pattern": return pattern(value, rule.string ?? "", path)
        case "items":
            return value.elements.enumerated().flatMap { index, element in
                faults(element, rule, at: "\(path)[\(index)]")
            }
        case "prefixItems":
            return zip(value.elements, rule.elements).enumerated().flatMap { index, pair in
                faults(pair.0, pair.1, at: "\(path)[\(index)]")
            }
        case "properties": return members(value, rule, schema, path)
        case "required":
            guard value.kind == .object else { return [] }
            return rule.elements.compactMap(\.string).filter { value[$0] == nil }.map { "\(path): \($0) is missing" }
        case "additionalProperties":
            guard rule.kind == .object else { return [] }
            let named = schema["properties"]
            return value.members.filter { named?[$0.name.string] == nil }.flatMap { member in
                faults(member.value, rule, at: "\(path).\(member.name.string)")
            }
        default: return ["\(path): the check does not know the keyword \(keyword)"]
        }
    }

    private func members(_ value: JSONValue, _ properties: JSONValue, _ schema: JSONValue, _ path: String) -> [String] {
        let mayHaveOthers = schema["additionalProperties"].map { $0.bool ?? true } ?? false
        return value.members.flatMap { name, member -> [String] in
            if let schema = properties[name.string] { return faults(member, schema, at: "\(path).\(name.string)") }
            return mayHaveOthers ? [] : ["\(path): \(name.string) is not described"]
        }
    }

    private func bound(_ value: JSONValue, _ keyword: String, _ limit: Double, _ path: String) -> [String] {
        let measured: Double? =
            switch keyword {
            case "minLength", "maxLength": value.string.map { Double($0.unicodeScalars.count) }
            case "minItems", "maxItems": value.kind == .array ? value.count.map(Double.init) : nil
            default: value.double
            }
        guard let measured else { return [] }
        let isWithin =
            switch keyword {
            case "exclusiveMinimum": measured > limit
            case "minimum", "minLength", "minItems": measured >= limit
            default: measured <= limit
            }
        return isWithin ? [] : ["\(path): \(measured) is beyond \(keyword) \(limit)"]
    }

    private func format(_ value: JSONValue, _ name: String, _ path: String) -> [String] {
        guard let text = value.string else { return [] }
        let fits: Bool
        switch name {
        // The contract says more than RFC 3339: UTC, with its Z.
        case "date-time": fits = Timestamp(rfc3339: text) != nil && text.hasSuffix("Z")
        case "uuid":
            let parts = text.split(separator: "-", omittingEmptySubsequences: false)
            fits = parts.map(\.count) == [8, 4, 4, 4, 12] && text.allSatisfy { $0 == "-" || $0.isHexDigit }
        case "password": fits = true
        default: return ["\(path): the check does not know the format \(name)"]
        }
        return fits ? [] : ["\(path): \(value.text) is no \(name)"]
    }

    private func pattern(_ value: JSONValue, _ pattern: String, _ path: String) -> [String] {
        guard let text = value.string else { return [] }
        guard let regex = try? Regex(pattern) else { return ["\(path): the pattern \(pattern) cannot be read"] }
        return text.firstMatch(of: regex) == nil ? ["\(path): \(value.text) does not match \(pattern)"] : []
    }
}

extension JSONValue {
    fileprivate func isOf(_ type: String) -> Bool {
        switch (type, kind) {
        case ("null", .null), ("boolean", .bool), ("string", .string), ("array", .array), ("object", .object),
            ("integer", .integer), ("number", .integer), ("number", .double):
            true
        // A number without a fraction is an integer, however it is written.
        case ("integer", .double): double.map { $0 == $0.rounded() } ?? false
        default: false
        }
    }

    /// As JSON, shortened.
    fileprivate var text: String { String(String(decoding: minified, as: UTF8.self).prefix(120)) }
}
