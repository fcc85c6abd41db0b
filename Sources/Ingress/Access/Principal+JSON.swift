internal import Contracts

extension Principal {
    static let idSchema = Schema.alternatives(
        [.integer(1), .text("key:5f2b0c")], "A user's number, or the name of another principal.")

    /// Writes the id as a member: a number where it is a user's.
    func writeID(_ name: String, to writer: inout JSONWriter) {
        if let number = Int(id) { writer.member(name, number) } else { writer.member(name, id) }
    }
}
