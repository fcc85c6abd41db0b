import Testing

@testable import HTTPKit

@Suite struct RouteTreeTests {
    private func tree(_ patterns: [(HTTPMethod, String)]) -> RouteTree {
        var router = Router()
        for (method, pattern) in patterns { router.on(method, pattern, .immediate { _, _ in HTTPResponse() }) }
        return RouteTree(router)
    }

    private func found(_ tree: RouteTree, _ method: HTTPMethod, _ path: String) -> (String, PathParameters)? {
        if case .found(let route, let parameters) = tree.match(method, path: path) {
            (route.pattern, parameters)
        } else {
            nil
        }
    }

    @Test func literalSegmentsBeatParametersInAnyOrder() {
        for patterns in [["/a/{x}", "/a/b"], ["/a/b", "/a/{x}"]] {
            let tree = tree(patterns.map { (.GET, $0) })
            #expect(found(tree, .GET, "/a/b")?.0 == "/a/b")
            #expect(found(tree, .GET, "/a/c")?.0 == "/a/{x}")
            #expect(found(tree, .GET, "/a/c")?.1["x"] == "c")
        }
    }

    @Test func goesBackToAParameterWhenTheLiteralLeadsNowhere() {
        let tree = tree([(.GET, "/a/b/c"), (.GET, "/a/{x}/d"), (.GET, "/{y}/b/e")])
        #expect(found(tree, .GET, "/a/b/d")?.0 == "/a/{x}/d")
        #expect(found(tree, .GET, "/a/b/d")?.1["x"] == "b")
        #expect(found(tree, .GET, "/a/b/e")?.1["y"] == "a")
        #expect(found(tree, .GET, "/a/b/f") == nil)
    }

    @Test func parametersAreDecodedAfterTheSplit() {
        let tree = tree([(.GET, "/d/{device}/c/{command}")])
        let parameters = found(tree, .GET, "/d/a%2Fb%20c/c/%C3%A9+%zz")?.1
        #expect(parameters?["device"] == "a/b c")
        #expect(parameters?["command"] == "é+%zz")
        #expect(parameters?["other"] == nil)
        #expect(found(tree, .GET, "/d//c/x") == nil)
    }

    @Test func aTailTakesTheRest() {
        let tree = tree([(.GET, "/files/{path*}"), (.GET, "/files/index")])
        #expect(found(tree, .GET, "/files/a/b%20c")?.1["path"] == "a/b c")
        #expect(found(tree, .GET, "/files/index")?.0 == "/files/index")
        #expect(found(tree, .GET, "/files/")?.1["path"] == "")
    }

    @Test func ignoresOneTrailingSlash() {
        let tree = tree([(.GET, "/"), (.GET, "/a"), (.GET, "/b/")])
        #expect(found(tree, .GET, "/")?.0 == "/")
        #expect(found(tree, .GET, "/a/")?.0 == "/a")
        #expect(found(tree, .GET, "/b")?.0 == "/b/")
        #expect(found(tree, .GET, "/a//") == nil)
    }

    @Test func namesTheMethodsOfAPath() {
        let tree = tree([(.GET, "/a"), (.POST, "/a"), (.PUT, "/b")])
        guard case .wrongMethod(let allowed) = tree.match(.DELETE, path: "/a") else {
            Issue.record("expected a wrong method")
            return
        }
        #expect(allowed == ["GET", "HEAD", "POST"])
        #expect(found(tree, .HEAD, "/a")?.0 == "/a")
        guard case .wrongMethod = tree.match(nil, path: "/b"), case .notFound = tree.match(nil, path: "/c") else {
            Issue.record("expected 405 for an unknown method and 404 for an unknown path")
            return
        }
    }

    @Test func theLastRegistrationOfAPatternCounts() {
        var router = Router()
        router.on(.GET, "/a", bodyLimit: 1, .immediate { _, _ in HTTPResponse() })
        router.on(.GET, "/a", bodyLimit: 2, .immediate { _, _ in HTTPResponse() })
        guard case .found(let route, _) = RouteTree(router).match(.GET, path: "/a") else {
            Issue.record("expected a route")
            return
        }
        #expect(route.bodyLimit == 2)
    }
}
