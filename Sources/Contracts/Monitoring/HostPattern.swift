/// Names of hosts: a name, in which `*` stands for any characters.
package struct HostPattern: Sendable, Hashable {
    package let text: String

    package init(_ text: String) { self.text = text }

    package func matches(_ host: String) -> Bool {
        let pattern = Array(text.utf8)
        let name = Array(host.utf8)
        let star = UInt8(ascii: "*")
        var (at, place) = (0, 0)
        // Where the last star was, and how much of the name it stood for: at most every byte is looked at once for each
        // place of the name.
        var (lastStar, resume) = (-1, 0)
        while place < name.count {
            if at < pattern.count, pattern[at] == star {
                (lastStar, resume) = (at, place)
                at += 1
            } else if at < pattern.count, pattern[at] == name[place] {
                at += 1
                place += 1
            } else if lastStar >= 0 {
                resume += 1
                (at, place) = (lastStar + 1, resume)
            } else {
                return false
            }
        }
        return pattern[at...].allSatisfy { $0 == star }
    }
}
