/// What a network interface carried since it appeared: a line of `/proc/net/dev` (proc(5)).
package struct InterfaceCounters: Sendable, Hashable {
    /// What an interface is to a sum over interfaces.
    package enum Kind: Sendable {
        case loopback
        /// A network card, or what the machine has for one (virtio).
        case hardware
        /// A bridge, bond, VLAN, tunnel or pair (veth): on a machine with hardware its bytes leave through that.
        case virtual
    }

    package var name: String
    package var kind: Kind
    package var receivedBytes: UInt64
    package var receivedPackets: UInt64
    package var receiveErrors: UInt64
    package var receiveDrops: UInt64
    package var sentBytes: UInt64
    package var sentPackets: UInt64
    package var sendErrors: UInt64
    package var sendDrops: UInt64

    package init(
        name: String, kind: Kind = .hardware, receivedBytes: UInt64 = 0, receivedPackets: UInt64 = 0,
        receiveErrors: UInt64 = 0, receiveDrops: UInt64 = 0, sentBytes: UInt64 = 0, sentPackets: UInt64 = 0,
        sendErrors: UInt64 = 0, sendDrops: UInt64 = 0
    ) {
        self.name = name
        self.kind = kind
        self.receivedBytes = receivedBytes
        self.receivedPackets = receivedPackets
        self.receiveErrors = receiveErrors
        self.receiveDrops = receiveDrops
        self.sentBytes = sentBytes
        self.sentPackets = sentPackets
        self.sendErrors = sendErrors
        self.sendDrops = sendDrops
    }

    /// Reads a line; nil for the two of the head and for malformed ones.
    init?(_ line: inout ByteCursor) {
        // The last colon: an old alias (eth0:1) has one in its name.
        guard var field = line.upToLast(UInt8(ascii: ":")), let name = field.word(),
            let receivedBytes = line.integer(), let receivedPackets = line.integer(),
            let receiveErrors = line.integer(), let receiveDrops = line.integer(),
            line.integer() != nil, line.integer() != nil, line.integer() != nil, line.integer() != nil,
            let sentBytes = line.integer(), let sentPackets = line.integer(),
            let sendErrors = line.integer(), let sendDrops = line.integer()
        else { return nil }
        self.init(
            name: name.text, receivedBytes: receivedBytes, receivedPackets: receivedPackets,
            receiveErrors: receiveErrors, receiveDrops: receiveDrops, sentBytes: sentBytes,
            sentPackets: sentPackets, sendErrors: sendErrors, sendDrops: sendDrops)
    }
}
