/// First in, first out, without keeping what was taken.
struct Fifo<Element>: Sequence {
    private var slots: [Element?] = []
    private var head = 0

    var count: Int { slots.count - head }
    var isEmpty: Bool { slots.count == head }
    var first: Element? { isEmpty ? nil : slots[head] }

    init(_ elements: [Element] = []) { slots = elements }

    mutating func append(_ element: Element) { slots.append(element) }

    /// Puts elements before all others.
    mutating func prepend(_ elements: [Element]) {
        guard !elements.isEmpty else { return }
        slots.replaceSubrange(..<head, with: elements.map(Optional.some))
        head = 0
    }

    mutating func popFirst() -> Element? {
        guard !isEmpty else { return nil }
        let element = slots[head].take()
        head += 1
        // Moving the rest is paid for by as many elements taken.
        if head == slots.count {
            slots.removeAll(keepingCapacity: slots.capacity <= 1024)
            head = 0
        } else if head > 64, head > slots.count / 2 {
            slots.removeFirst(head)
            head = 0
        }
        return element
    }

    /// Changes each element in place, in order.
    mutating func forEachInPlace(_ body: (inout Element) -> Void) {
        for index in head..<slots.count {
            guard var element = slots[index] else { continue }
            body(&element)
            slots[index] = element
        }
    }

    func makeIterator() -> some IteratorProtocol<Element> { slots[head...].lazy.compactMap { $0 }.makeIterator() }
}
