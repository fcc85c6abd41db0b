package import Runtime

/// A member of an object in one call; nil is written as null.
extension JSONWriter {
    package mutating func member(_ name: String, _ value: (some StringProtocol)?) {
        self.name(name)
        if let value { string(value) } else { null() }
    }

    package mutating func member<Value: FixedWidthInteger>(_ name: String, _ value: Value?) {
        self.name(name)
        if let value { int(value) } else { null() }
    }

    package mutating func member(_ name: String, _ value: Double?) {
        self.name(name)
        if let value { double(value) } else { null() }
    }

    package mutating func member(_ name: String, _ value: Bool?) {
        self.name(name)
        if let value { bool(value) } else { null() }
    }

    package mutating func member(_ name: String, _ value: Timestamp?) {
        self.name(name)
        if let value { timestamp(value) } else { null() }
    }

    /// A member whose value is JSON text already.
    package mutating func member(_ name: String, raw json: (some Collection<UInt8>)?) {
        self.name(name)
        if let json { raw(json) } else { null() }
    }

    package mutating func member(_ name: String, object members: (inout JSONWriter) throws -> Void) rethrows {
        self.name(name)
        try object(members)
    }

    package mutating func member(_ name: String, array elements: (inout JSONWriter) throws -> Void) rethrows {
        self.name(name)
        try array(elements)
    }

    package mutating func member(_ name: String, _ values: some Sequence<String>) {
        self.name(name)
        array { writer in for value in values { writer.string(value) } }
    }
}
