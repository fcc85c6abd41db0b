import Foundation
import Testing

/// The dashboard and the alert rules of `compose/` name only metrics that the code has.
@Suite struct MonitoringFilesTests {
    private static let root = URL(filePath: #filePath).appending(path: "../../..").standardized

    /// Every text in quotes in the sources that is the name of a metric.
    private func registered() throws -> Set<String> {
        let folder = Self.root.appending(path: "Sources")
        let files = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
        var names: Set<String> = []
        for case let file as URL in files where file.pathExtension == "swift" {
            let text = try String(contentsOf: file, encoding: .utf8)
            names.formUnion(text.matches(of: /"((?:flotilla|hardware_optimizer)_[a-z_]+)"/).map { String($0.1) })
        }
        return names
    }

    @Test(arguments: ["prometheus-alerts.yml", "grafana-dashboard.json"])
    func metricsExist(_ name: String) throws {
        let text = try String(contentsOf: Self.root.appending(path: "compose/\(name)"), encoding: .utf8)
        let known = try registered()
        let used = Set(text.matches(of: /(?:flotilla|hardware_optimizer)_[a-z_]+/).map { String($0.0) })
        #expect(used.count > 10)
        for metric in used {
            let base = metric.hasSuffix("_bucket") ? String(metric.dropLast("_bucket".count)) : metric
            #expect(known.contains(base), "\(metric)")
        }
    }

    @Test func theDashboardIsJSONWithPanels() throws {
        let data = try Data(contentsOf: Self.root.appending(path: "compose/grafana-dashboard.json"))
        let dashboard = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let panels = try #require(dashboard["panels"] as? [[String: Any]])
        #expect(panels.count > 10)
        #expect(Set(panels.compactMap { $0["id"] as? Int }).count == panels.count)
    }
}
