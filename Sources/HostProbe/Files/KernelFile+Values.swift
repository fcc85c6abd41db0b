/// Files that hold one value; nil if the file is missing, unreadable or holds something else.
extension KernelFile {
    func integer(_ buffer: ReadBuffer) -> UInt64? {
        value(buffer) { line in line.integer() }
    }

    func signedInteger(_ buffer: ReadBuffer) -> Int64? {
        value(buffer) { line in line.signedInteger() }
    }

    /// The first line without the spaces around it; nil if it is empty.
    func text(_ buffer: ReadBuffer) -> String? {
        value(buffer) { line in
            line.skipSpaces()
            let text = line.text
            return text.isEmpty ? nil : text
        }
    }

    /// What a reader makes of the first line.
    func value<T>(_ buffer: ReadBuffer, _ body: (inout ByteCursor) -> T?) -> T? {
        let value = try? read(buffer) { bytes throws(ProbeError) -> T? in
            var cursor = ByteCursor(bytes)
            guard var line = cursor.line() else { return nil }
            return body(&line)
        }
        return value ?? nil
    }
}
