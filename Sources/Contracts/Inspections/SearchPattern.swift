import CRE2

/// A regular expression that a client sends, to be searched for in short texts.
///
/// RE2's syntax: Perl's without back-references and look-around. A search takes time linear in the text whatever the
/// pattern is; a pattern and what it needs to search take at most `memory`.
///
/// `@unchecked Sendable`: the C pattern is made by `init`, its searches are safe on any thread, and `deinit` frees it.
package final class SearchPattern: @unchecked Sendable {
    /// Characters of a pattern, at most.
    package static let maximumLength = 256
    /// 128 KiB: some 5,000 instructions, which bounds what a search does for each byte.
    private static let memory: Int64 = 128 << 10

    private let pointer: OpaquePointer

    /// Nil for a text that is no pattern, has more than `maximumLength` characters, or repeats so much that it needs
    /// more memory.
    package init?(_ text: String) {
        guard text.unicodeScalars.count <= Self.maximumLength else { return nil }
        var text = text
        let compiled = text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) {
                flotilla_pattern_new($0.baseAddress, $0.count, Self.memory)
            }
        }
        guard let compiled else { return nil }
        pointer = compiled
    }

    deinit { flotilla_pattern_free(pointer) }

    /// Whether the pattern is found anywhere in the text.
    package func isFound(in text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { flotilla_pattern_found(pointer, $0.baseAddress, $0.count) != 0 }
        }
    }
}
