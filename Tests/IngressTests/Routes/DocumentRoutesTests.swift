import Contracts
import DocumentTestKit
import Testing

@testable import Ingress

@Suite struct DocumentRoutesTests {
    @Test func everyRouteIsInTheDocument() async throws {
        try await TestIngress.run { ingress in
            let index = try await ingress.client.get("/").json()
            let api = try #require(ingress.client.api)
            let listed = index["endpoints"].map { Set($0.elements.compactMap(\.string)) } ?? []
            #expect(listed.count > 30)
            #expect(listed == Set(api.operations.map { "\($0.method.uppercased()) \($0.path)" }))
            let ids = api.operations.compactMap { $0.operation["operationId"]?.string }
            #expect(Set(ids).count == listed.count)
        }
    }

    @Test func everyOperationIsComplete() async throws {
        try await TestIngress.run { ingress in
            let api = try #require(ingress.client.api)
            let tags = api.root["tags"]?.elements.compactMap { $0["name"]?.string } ?? []
            for (method, path, operation) in api.operations {
                let name = "\(method) \(path)"
                #expect(operation["summary"]?.string?.isEmpty == false, "\(name)")
                #expect(operation["tags"]?.elements.allSatisfy { tags.contains($0.string ?? "") } == true, "\(name)")
                let parameters = operation["parameters"].map { Array($0.elements) } ?? []
                for segment in path.split(separator: "/") where segment.hasPrefix("{") {
                    let described = parameters.first { $0["name"]?.string == String(segment.dropFirst().dropLast()) }
                    #expect(described?["in"]?.string == "path", "\(name)")
                    #expect(described?["description"]?.string?.isEmpty == false, "\(name)")
                }
                for parameter in parameters {
                    let schema = try #require(parameter["schema"])
                    let example = try #require(parameter["example"])
                    #expect(api.check.faults(example, schema) == [], "\(name)")
                }
                let responses = try #require(operation["responses"])
                #expect(responses.members.contains { $0.name.string.hasPrefix("2") }, "\(name)")
                let contents =
                    responses.members.compactMap { $0.value["content"] }
                    + [operation["requestBody"]?["content"]]
                    .compactMap(\.self)
                for content in contents.flatMap({ Array($0.members) }) {
                    let schema = try #require(content.value["schema"])
                    let example = try #require(content.value["example"])
                    #expect(api.check.faults(example, schema) == [], "\(name)")
                }
            }
        }
    }

    /// What the document shows as a body is taken; what it says of access holds.
    @Test func examplesOfBodiesAreTaken() async throws {
        try await TestIngress.run { ingress in
            let api = try #require(ingress.client.api)
            var tried = 0
            for (method, path, operation) in api.operations {
                guard let example = operation["requestBody"]?["content"]?["application/json"]?["example"] else {
                    continue
                }
                let target = path.split(separator: "/").map { $0.hasPrefix("{") ? "1" : String($0) }
                let answer = try await ingress.client.send(
                    method.uppercased(), "/" + target.joined(separator: "/"), token: ingress.token(),
                    body: String(decoding: example.minified, as: UTF8.self))
                #expect(answer.status != 422, "\(method) \(path): \(answer.text)")
                tried += 1
            }
            #expect(tried >= 10)
        }
    }

    @Test func accessIsAsDescribed() async throws {
        try await TestIngress.run { ingress in
            let api = try #require(ingress.client.api)
            for (method, path, operation) in api.operations {
                let security = try #require(operation["security"]).elements.map { $0.members.map(\.name.string) }
                let isOpen = security.isEmpty || security.contains([])
                let target = path.split(separator: "/").map { $0.hasPrefix("{") ? "1" : String($0) }
                let answer = try await ingress.client.send(
                    method.uppercased(), "/" + target.joined(separator: "/"),
                    body: operation["requestBody"] == nil ? nil : "{}")
                let needsBody = isOpen && operation["requestBody"] != nil
                // The sign-in link without its code is refused as well.
                let isLink = path == "/sign-in"
                #expect((answer.status == 401) == (!isOpen || isLink), "\(method) \(path): \(answer.status)")
                #expect(!needsBody || answer.status == 422 || answer.status == 400, "\(method) \(path)")
            }
        }
    }

    @Test func messagesAreAnAsyncAPIDocument() async throws {
        try await TestIngress.run { ingress in
            let document = try await ingress.client.get("/asyncapi.json").json()
            #expect(document["asyncapi"]?.string == "3.0.0")
            let check = SchemaCheck(document: document)
            for (name, channel) in try #require(document["channels"]).members.map({ ($0.name.string, $0.value) }) {
                let messages = try #require(channel["messages"])
                #expect(messages.count ?? 0 > 0, "\(name)")
                for message in messages.members {
                    #expect(message.value["$ref"]?.string.flatMap(check.resolve) != nil, "\(name)")
                }
            }
            for operation in try #require(document["operations"]).members {
                #expect(operation.value["channel"]?["$ref"]?.string.flatMap(check.resolve) != nil)
            }
        }
    }

    @Test func pageNeedsNothingFromElsewhere() async throws {
        try await TestIngress.run { ingress in
            let api = try #require(ingress.client.api)
            for path in ["/docs", "/redoc"] {
                let page = try await ingress.client.get(path)
                #expect(page.status == 200)
                #expect(page.headers["content-type"] == "text/html; charset=utf-8")
                #expect(page.headers["content-security-policy"]?.contains("default-src 'none'") == true)
                for operation in api.operations { #expect(page.text.contains(operation.path)) }
                for channel in FleetChannel.all { #expect(page.text.contains(channel.address)) }
                #expect(!page.text.contains("<script"))
                #expect(!page.text.contains("src="))
                let links = page.text.split(separator: "href=\"").dropFirst().map { $0.prefix { $0 != "\"" } }
                #expect(!links.isEmpty && links.allSatisfy { $0.hasPrefix("/") || $0.hasPrefix("#") })
                for link in links where link.hasPrefix("/") {
                    let linked = try await ingress.client.get(String(link))
                    #expect(linked.status == 200, "\(link)")
                }
                for link in links where link.hasPrefix("#") {
                    #expect(page.text.contains("id=\"\(link.dropFirst())\""))
                }
            }
        }
    }

    /// The check that every other test's answers go through finds what is not described.
    @Test func undescribedAnswersAreFound() async throws {
        try await TestIngress.run { ingress in
            let api = try #require(ingress.client.api)
            func faults(
                _ status: Int, _ body: String, type: String? = "application/json", to target: String
            ) -> [String] {
                api.faults(of: .init(status: status, contentType: type, body: Array(body.utf8)), to: "GET", target)
            }
            let ready = #"{"status":"ready","timestamp":"2026-01-01T00:00:00.000Z"}"#
            #expect(faults(200, ready, to: "/ready?x=1") == [])
            #expect(faults(201, ready, to: "/ready") != [])
            #expect(faults(200, ready, type: "text/html", to: "/ready") != [])
            #expect(faults(200, ready, type: nil, to: "/ready") != [])
            #expect(faults(200, #"{"status":"ready"}"#, to: "/ready") != [])
            #expect(faults(200, #"{"status":"well"}"#, to: "/ready") != [])
            #expect(faults(200, "ready", to: "/ready") != [])
            #expect(faults(404, ready, to: "/ready") != [])
            #expect(faults(404, ready, to: "/nowhere") != [])
            #expect(faults(200, ready, to: "/nowhere") != [])
        }
    }
}
