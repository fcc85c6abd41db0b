import CMosquitto
import Glibc

/// What libmosquitto or the broker refuses.
struct MQTTError: Error, CustomStringConvertible {
    /// Why, without what was sent.
    let description: String

    init(_ description: String) { self.description = description }

    /// Of a library's call, right after it: `MOSQ_ERR_ERRNO` means what the system said.
    init(code: Int32) {
        let system = errno
        description =
            code == MOSQ_ERR_ERRNO.rawValue
            ? String(cString: strerror(system)) : String(cString: mosquitto_strerror(code))
    }

    /// - Throws: What a call that returned this code went wrong with.
    static func check(_ code: Int32) throws(MQTTError) {
        if code != MOSQ_ERR_SUCCESS.rawValue { throw MQTTError(code: code) }
    }

    /// What the broker says in an answer to a connection or a message.
    static func reason(_ code: Int32) -> String {
        String(cString: code < 0x80 ? mosquitto_connack_string(code) : mosquitto_reason_string(code))
    }
}
