internal import CRabbitMQ
internal import Glibc

/// A value in a table of arguments.
enum AMQPValue: Sendable, Hashable {
    case string(String)
    case integer(Int64)
    case boolean(Bool)
    case table([AMQPField])
}

/// A named value in a table of arguments.
struct AMQPField: Sendable, Hashable {
    let name: String
    let value: AMQPValue

    init(_ name: String, _ value: AMQPValue) {
        self.name = name
        self.value = value
    }
}

/// A table in the library's form, with the memory it refers to.
///
/// For the few tables of declarations and logins; messages have `MessageEncoder`.
final class AMQPTable {
    private(set) var table: amqp_table_t
    private var allocations: [UnsafeMutableRawPointer] = []

    init(_ fields: [AMQPField]) {
        table = amqp_empty_table
        table = build(fields)
    }

    deinit { for allocation in allocations { allocation.deallocate() } }

    private func build(_ fields: [AMQPField]) -> amqp_table_t {
        guard !fields.isEmpty else { return amqp_empty_table }
        let entries = UnsafeMutablePointer<amqp_table_entry_t>.allocate(capacity: fields.count)
        allocations.append(UnsafeMutableRawPointer(entries))
        for (index, field) in fields.enumerated() {
            (entries + index).initialize(to: amqp_table_entry_t(key: copy(field.name), value: value(field.value)))
        }
        return amqp_table_t(num_entries: Int32(fields.count), entries: entries)
    }

    private func value(_ value: AMQPValue) -> amqp_field_value_t {
        var field = amqp_field_value_t()
        switch value {
        case .string(let text):
            field.kind = UInt8(AMQP_FIELD_KIND_UTF8.rawValue)
            field.value.bytes = copy(text)
        case .integer(let number):
            field.kind = UInt8(AMQP_FIELD_KIND_I64.rawValue)
            field.value.i64 = number
        case .boolean(let flag):
            field.kind = UInt8(AMQP_FIELD_KIND_BOOLEAN.rawValue)
            field.value.boolean = flag ? 1 : 0
        case .table(let fields):
            field.kind = UInt8(AMQP_FIELD_KIND_TABLE.rawValue)
            field.value.table = build(fields)
        }
        return field
    }

    private func copy(_ text: String) -> amqp_bytes_t {
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, text.utf8.count), alignment: 1)
        bytes.copyBytes(from: text.utf8)
        if let base = bytes.baseAddress { allocations.append(base) }
        return amqp_bytes_t(len: text.utf8.count, bytes: bytes.baseAddress)
    }
}
