import CGnuTLS
import Glibc
package import Runtime

/// What a certificate says about itself.
package struct TLSCertificate: Sendable, Hashable {
    /// The DNS names and addresses of the subject's alternative names; where there are none, its common name.
    package let names: [String]
    /// Valid from this moment.
    package let notBefore: Timestamp
    /// Valid until this moment.
    package let notAfter: Timestamp

    /// The longest name that is read, in bytes: RFC 1035 allows 255.
    private static let longestName = 256
    /// Beyond them names are left out.
    private static let mostNames: UInt32 = 256

    /// Reads the first certificate of a chain.
    /// - Throws: `TLSError` with `.badCertificate`.
    package init(pem: String) throws(TLSError) {
        var list: UnsafeMutablePointer<gnutls_x509_crt_t?>?
        var count: UInt32 = 0
        let status = pem.withDatum { datum in
            gnutls_x509_crt_list_import2(&list, &count, datum, GNUTLS_X509_FMT_PEM, 0)
        }
        guard status >= 0, let list, count > 0, let leaf = list[0] else {
            throw TLSError(
                code: .badCertificate, message: "the certificate is not a chain in PEM: \(gnuTLSReason(status))")
        }
        defer { cgnutls_free_list(list, count) }
        let alternatives = Self.alternativeNames(of: leaf)
        names = alternatives.isEmpty ? [Self.commonName(of: leaf)].compactMap(\.self) : alternatives
        notBefore = Timestamp(microseconds: Int64(gnutls_x509_crt_get_activation_time(leaf)) * 1_000_000)
        notAfter = Timestamp(microseconds: Int64(gnutls_x509_crt_get_expiration_time(leaf)) * 1_000_000)
    }

    private static func alternativeNames(of leaf: gnutls_x509_crt_t) -> [String] {
        var names: [String] = []
        for index in 0..<mostNames {
            var bytes = [UInt8](repeating: 0, count: longestName)
            var size = bytes.count
            let kind = gnutls_x509_crt_get_subject_alt_name(leaf, index, &bytes, &size, nil)
            if kind == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE { break }
            // Other failures are of one name, such as one that is too long; the next one may be read.
            if kind == Int32(GNUTLS_SAN_DNSNAME.rawValue) {
                names.append(String(decoding: bytes.prefix(size), as: UTF8.self))
            } else if kind == Int32(GNUTLS_SAN_IPADDRESS.rawValue), let address = address(bytes.prefix(size)) {
                names.append(address)
            }
        }
        return names
    }

    private static func commonName(of leaf: gnutls_x509_crt_t) -> String? {
        var bytes = [UInt8](repeating: 0, count: longestName)
        var size = bytes.count
        guard gnutls_x509_crt_get_dn_by_oid(leaf, "2.5.4.3", 0, 0, &bytes, &size) == GNUTLS_E_SUCCESS else {
            return nil
        }
        return String(decoding: bytes.prefix(size), as: UTF8.self)
    }

    private static func address(_ bytes: ArraySlice<UInt8>) -> String? {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = bytes.count == 4 ? AF_INET : AF_INET6
        guard inet_ntop(family, Array(bytes), &text, socklen_t(text.count)) != nil else { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
