internal import CRabbitMQ

/// What a value in a received table means.
extension amqp_field_value_t {
    private var kindValue: amqp_field_value_kind_t { amqp_field_value_kind_t(rawValue: UInt32(kind)) }

    /// The bytes of a text or byte string.
    var bytes: amqp_bytes_t? {
        kindValue == AMQP_FIELD_KIND_UTF8 || kindValue == AMQP_FIELD_KIND_BYTES ? value.bytes : nil
    }

    var text: String? { bytes.map(String.init) }

    /// Any whole number, and a timestamp as seconds.
    var integer: Int64? {
        switch kindValue {
        case AMQP_FIELD_KIND_I8: Int64(value.i8)
        case AMQP_FIELD_KIND_U8: Int64(value.u8)
        case AMQP_FIELD_KIND_I16: Int64(value.i16)
        case AMQP_FIELD_KIND_U16: Int64(value.u16)
        case AMQP_FIELD_KIND_I32: Int64(value.i32)
        case AMQP_FIELD_KIND_U32: Int64(value.u32)
        case AMQP_FIELD_KIND_I64: value.i64
        case AMQP_FIELD_KIND_U64, AMQP_FIELD_KIND_TIMESTAMP: Int64(clamping: value.u64)
        default: nil
        }
    }

    /// A field of the newest death in `x-death`, whose first table it is: `reason`, or `time` in seconds since 1970.
    ///
    /// Source: <https://www.rabbitmq.com/docs/dlx>, "Effects on Messages".
    func newestDeath(_ field: StaticString) -> amqp_field_value_t? {
        guard kindValue == AMQP_FIELD_KIND_ARRAY, value.array.num_entries > 0,
            let first = value.array.entries?.pointee, first.kindValue == AMQP_FIELD_KIND_TABLE
        else { return nil }
        let fields = UnsafeBufferPointer(
            start: first.value.table.entries, count: Int(first.value.table.num_entries))
        return fields.first { $0.key.isEqual(to: field) }?.value
    }

    /// The value as a text that a person can read; what is nested deeper than 8 levels is left out.
    func described(depth: Int) -> String {
        if let text { return depth == 0 ? text : "\"\(text)\"" }
        if let integer { return "\(integer)" }
        switch kindValue {
        case AMQP_FIELD_KIND_BOOLEAN: return value.boolean != 0 ? "true" : "false"
        case AMQP_FIELD_KIND_F32: return "\(value.f32)"
        case AMQP_FIELD_KIND_F64: return "\(value.f64)"
        case AMQP_FIELD_KIND_DECIMAL: return "\(value.decimal.value)e-\(value.decimal.decimals)"
        case AMQP_FIELD_KIND_ARRAY, AMQP_FIELD_KIND_TABLE: return depth < 8 ? nested(depth: depth) : "…"
        default: return ""
        }
    }

    private func nested(depth: Int) -> String {
        if kindValue == AMQP_FIELD_KIND_ARRAY {
            let items = UnsafeBufferPointer(start: value.array.entries, count: Int(value.array.num_entries))
            return "[" + items.map { $0.described(depth: depth + 1) }.joined(separator: ",") + "]"
        }
        let fields = UnsafeBufferPointer(start: value.table.entries, count: Int(value.table.num_entries))
        let described = fields.map { "\"\(String($0.key))\":\($0.value.described(depth: depth + 1))" }
        return "{" + described.joined(separator: ",") + "}"
    }
}
