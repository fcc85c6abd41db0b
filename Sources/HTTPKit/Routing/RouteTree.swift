/// A router's routes as a tree of segments, built once when the server starts and never changed.
final class RouteTree: Sendable {
    private let root: Node

    /// What the tree says about a path.
    enum Match {
        case found(Route, PathParameters)
        case wrongMethod(allowed: [String])
        case notFound

        var route: Route? {
            if case .found(let route, _) = self { route } else { nil }
        }

        var parameters: PathParameters {
            if case .found(_, let parameters) = self { parameters } else { .none }
        }

        var isPathKnown: Bool {
            if case .notFound = self { false } else { true }
        }

        /// The route, or the error in its place.
        var found: Route {
            get throws(HTTPError) {
                switch self {
                case .found(let route, _): return route
                case .wrongMethod(let allowed): throw .methodNotAllowed(allowed)
                case .notFound: throw .notFound
                }
            }
        }
    }

    init(_ router: Router) {
        root = Node(router.routes.map { ($0, RoutePattern.segments($0.pattern)[...]) })
    }

    /// Finds the route of a method and an encoded path; `method` is nil for one that no route can have.
    func match(_ method: HTTPMethod?, path: String) -> Match {
        var path = path
        return path.withUTF8 { bytes in
            var captures: [Range<Int>] = []
            guard let node = root.find(bytes, at: 0, captures: &captures) else { return .notFound }
            guard let route = method.flatMap(node.route) else { return .wrongMethod(allowed: node.allowed) }
            guard !captures.isEmpty else { return .found(route, .none) }
            let values = captures.map { PercentEncoding.decode(bytes[$0], plusIsSpace: false) }
            return .found(route, PathParameters(names: route.parameterNames, values: values))
        }
    }
}

/// One segment of the tree.
private final class Node: Sendable {
    private let routes: [Route]
    private let literals: [(text: [UInt8], node: Node)]
    private let parameter: Node?
    private let tail: Node?

    /// Builds the node for routes, each with the segments that follow this node.
    init(_ entries: [(route: Route, rest: ArraySlice<Substring>)]) {
        var routes: [Route] = []
        var literals: [(text: [UInt8], entries: [(Route, ArraySlice<Substring>)])] = []
        var parameters: [(Route, ArraySlice<Substring>)] = []
        var tails: [(Route, ArraySlice<Substring>)] = []
        for (route, rest) in entries {
            guard let segment = rest.first else {
                routes.removeAll { $0.method == route.method }
                routes.append(route)
                continue
            }
            let entry = (route, rest.dropFirst())
            let text = Array(segment.utf8)
            if RoutePattern.isTail(segment) {
                tails.append((route, []))
            } else if RoutePattern.parameterName(segment) != nil {
                parameters.append(entry)
            } else if let index = literals.firstIndex(where: { $0.text == text }) {
                literals[index].entries.append(entry)
            } else {
                literals.append((text, [entry]))
            }
        }
        self.routes = routes
        self.literals = literals.map { ($0.text, Node($0.entries)) }
        parameter = parameters.isEmpty ? nil : Node(parameters)
        tail = tails.isEmpty ? nil : Node(tails)
    }

    /// The Allow header's methods: what is registered, and HEAD where there is GET.
    var allowed: [String] {
        var names = Set(routes.map(\.method.rawValue))
        if names.contains("GET") { names.insert("HEAD") }
        return names.sorted()
    }

    func route(_ method: HTTPMethod) -> Route? {
        for route in routes where route.method == method { return route }
        return method == .HEAD ? route(.GET) : nil
    }

    /// The node with routes for the path from `start`, which is at a slash or the end; fills in the captured ranges.
    func find(_ path: UnsafeBufferPointer<UInt8>, at start: Int, captures: inout [Range<Int>]) -> Node? {
        let begin = start < path.count && path[start] == 47 ? start + 1 : start
        if begin == path.count {
            if !routes.isEmpty { return self }
        } else {
            var end = begin
            while end < path.count, path[end] != 47 { end += 1 }
            let segment = UnsafeBufferPointer(rebasing: path[begin..<end])
            for literal in literals where literal.text.elementsEqual(segment) {
                let count = captures.count
                if let node = literal.node.find(path, at: end, captures: &captures) { return node }
                captures.removeSubrange(count...)
            }
            if let parameter, begin < end {
                let count = captures.count
                captures.append(begin..<end)
                if let node = parameter.find(path, at: end, captures: &captures) { return node }
                captures.removeSubrange(count...)
            }
        }
        guard let tail else { return nil }
        captures.append(begin..<path.count)
        return tail
    }
}
