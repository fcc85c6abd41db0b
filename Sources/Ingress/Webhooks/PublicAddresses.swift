/// The addresses that are of somebody on the public Internet: what is left of the IANA registries of special-purpose
/// addresses (RFC 6890) and of multicast.
enum PublicAddresses {
    private static let special = [
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4",
    ].compactMap(AddressRange.init)

    /// Of IPv6 only this is given to anybody (RFC 4291), less what reaches IPv4 addresses by other names (Teredo, 6to4)
    /// and documentation. NAT64, unique local, link-local and multicast addresses are not in it.
    private static let global = AddressRange("2000::/3")
    private static let specialOfGlobal = ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"]
        .compactMap(AddressRange.init)

    static func contains(_ address: IPAddress) -> Bool {
        if address.isIPv4 { return !special.contains { $0.contains(address) } }
        return global?.contains(address) == true && !specialOfGlobal.contains { $0.contains(address) }
    }
}
