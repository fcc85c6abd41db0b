/// Elements at places that are used again: adding, removing and finding are one step each.
struct SlotTable<Element> {
    private var places: [Element?] = []
    private var free: [Int] = []

    var count: Int { places.count - free.count }
    var isEmpty: Bool { count == 0 }
    var elements: some Sequence<Element> { places.lazy.compactMap { $0 } }

    /// Adds an element; returns its place until it is removed.
    mutating func add(_ element: Element) -> Int {
        if let place = free.popLast() {
            places[place] = element
            return place
        }
        places.append(element)
        return places.count - 1
    }

    mutating func remove(at place: Int) {
        guard places.indices.contains(place), places[place] != nil else { return }
        places[place] = nil
        free.append(place)
    }
}
