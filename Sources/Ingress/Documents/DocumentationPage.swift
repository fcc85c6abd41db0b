internal import Contracts
internal import HTTPKit

/// The documentation as one page that needs no script and nothing from elsewhere.
struct DocumentationPage {
    /// Where its style sheet is: an inline one would need a hole in the content security policy.
    static let stylePath = "/docs/style.css"

    let operations: [Operation]
    let channels: [FleetChannel]
    let version: String

    var html: String {
        var page = HTMLText()
        page.raw(
            """
            <!doctype html><html lang="en"><head><meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>Flotilla API</title><link rel="stylesheet" href="\(Self.stylePath)"></head><body>
            <header><h1>Flotilla API <small>
            """)
        page.text(version)
        page.raw("</small></h1><p>")
        page.code(OpenAPIDocument.introduction)
        page.raw(
            """
            </p><p>For programs: <a href="/openapi.json">OpenAPI 3.1</a>, <a href="/asyncapi.json">AsyncAPI 3.0</a>.</p>
            </header><nav><ul>
            """)
        let subjects = Operation.Subject.allCases.filter { subject in operations.contains { $0.subject == subject } }
        for subject in subjects { page.link("#\(Self.anchor(subject.rawValue))", subject.rawValue) }
        page.link("#messages", "Messages on the bus")
        page.raw("</ul></nav><main>")
        for subject in subjects { write(subject, to: &page) }
        writeChannels(to: &page)
        page.raw("</main></body></html>\n")
        return page.html
    }

    private func write(_ subject: Operation.Subject, to page: inout HTMLText) {
        page.raw("<section id=\"\(Self.anchor(subject.rawValue))\"><h2>")
        page.text(subject.rawValue)
        page.raw("</h2><p>")
        page.text(subject.text)
        page.raw("</p>")
        for operation in operations where operation.subject == subject { write(operation, to: &page) }
        page.raw("</section>")
    }

    private func write(_ operation: Operation, to page: inout HTMLText) {
        page.raw("<details id=\"\(operation.id)\"><summary><b>\(operation.method.rawValue)</b> <code>")
        page.text(operation.path)
        page.raw("</code> ")
        page.text(operation.summary)
        page.raw("</summary><p>")
        page.code([operation.explanation, operation.access.text].compactMap(\.self).joined(separator: " "))
        page.raw("</p>")
        let parameters = OpenAPIDocument.pathParameters(of: operation) + operation.parameters
        if !parameters.isEmpty {
            page.raw("<table><tr><th>Parameter</th><th>In</th><th>Value</th><th>Meaning</th></tr>")
            for parameter in parameters {
                page.row(
                    parameter.name, parameter.place.rawValue, parameter.schema.words,
                    parameter.schema.text ?? "")
            }
            page.raw("</table>")
        }
        if let body = operation.body { page.example("Body", of: body.schema) }
        for answer in operation.answers {
            page.raw("<p><b>\(answer.status)</b> ")
            page.code(answer.text)
            page.raw("</p>")
            for content in answer.contents { page.example(content.type, of: content.schema) }
        }
        page.raw("<table><tr><th>Otherwise</th><th></th></tr>")
        for (status, text) in operation.allErrors.sorted(by: { $0.key < $1.key }) { page.row("\(status)", text) }
        page.raw("</table></details>")
    }

    private func writeChannels(to page: inout HTMLText) {
        page.raw(
            """
            <section id="messages"><h2>Messages on the bus</h2>
            <p>For programs that read or write the fleet's queues, exchanges and topics themselves.</p>
            """)
        for channel in channels {
            page.raw("<details><summary><b>\(channel.kind.rawValue)</b> <code>")
            page.text(channel.address)
            page.raw("</code> ")
            page.text(channel.text)
            page.raw("</summary>")
            for message in channel.messages {
                page.raw("<p><b>")
                page.text(message.name)
                page.raw("</b> ")
                page.code(message.text)
                page.raw("</p>")
                page.example(message.contentType, of: message.schema)
            }
            page.raw("</details>")
        }
        page.raw("</section>")
    }

    private static func anchor(_ name: String) -> String { String(name.lowercased().map { $0 == " " ? "-" : $0 }) }

    static let style = """
        :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
        body { max-width: 64rem; margin: 0 auto; padding: 1rem }
        nav ul { display: flex; flex-wrap: wrap; gap: 1rem; padding: 0; list-style: none }
        details { border: 1px solid #8886; border-radius: .4rem; margin: .5rem 0; padding: .4rem .8rem }
        summary { cursor: pointer }
        summary b { display: inline-block; min-width: 4.5rem }
        table { border-collapse: collapse; width: 100%; margin: .5rem 0 }
        th, td { border-bottom: 1px solid #8884; padding: .2rem .6rem .2rem 0; text-align: left; vertical-align: top }
        pre { background: #8882; border-radius: .3rem; overflow-x: auto; padding: .6rem; white-space: pre-wrap;
            overflow-wrap: anywhere }

        """
}

/// HTML under construction.
private struct HTMLText {
    private(set) var html = ""

    mutating func raw(_ markup: String) { html += markup }

    mutating func text(_ text: String) {
        for character in text {
            switch character {
            case "&": html += "&amp;"
            case "<": html += "&lt;"
            case ">": html += "&gt;"
            case "\"": html += "&quot;"
            default: html.append(character)
            }
        }
    }

    /// A text in which what stands between backquotes is code.
    mutating func code(_ text: String) {
        for (index, part) in text.split(separator: "`", omittingEmptySubsequences: false).enumerated() {
            if index % 2 == 1 { html += "<code>" }
            self.text(String(part))
            if index % 2 == 1 { html += "</code>" }
        }
    }

    mutating func link(_ target: String, _ text: String) {
        html += "<li><a href=\"\(target)\">"
        self.text(text)
        html += "</a></li>"
    }

    mutating func row(_ cells: String...) {
        html += "<tr>"
        for cell in cells {
            html += "<td>"
            code(cell)
            html += "</td>"
        }
        html += "</tr>"
    }

    mutating func example(_ title: String, of schema: Schema) {
        html += "<p>"
        text(title)
        html += "</p><pre>"
        text(schema.exampleText)
        html += "</pre>"
    }
}

extension Schema {
    /// The example as people read it; a text without its quotes.
    fileprivate var exampleText: String {
        let example = self.example
        guard let value = try? JSONDocument(parsing: example).root else {
            return String(decoding: example, as: UTF8.self)
        }
        return value.string ?? value.indented
    }
}
