import BusTestKit
import Foundation
import Runtime
import Testing

@testable import flotilla

@Suite struct SettingsTableTests {
    @Test func everySettingThatIsReadIsDeclaredAndTheOtherWayRound() throws {
        for roles in [Role.allCases] + Role.allCases.map({ [$0] }) {
            // The connector's settings are read where there is a broker.
            let environment = [
                "HOME": "/home/somebody", "KAFKA_CONFIG_SASL_USERNAME": "fleet", "BROKER_HOST": "localhost",
            ]
            var reader = try Settings(flags: [:], environment: environment, file: nil).reader()
            _ = FleetSettings(
                &reader, environment: ["HOME": "/home/somebody"], now: SystemTime().now, roles: roles)
            let read = reader.namesRead.filter { $0 != "HOME" }
            // The file's name is read before the settings are, colours belong to the terminal.
            let declared = ServiceOptions.settings(of: roles).filter { !SettingsTable.file.contains($0) }
            for name in read {
                #expect(SettingsTable.fleet.contains { $0.declares(name) }, "\(name) is read and not declared")
            }
            for setting in declared {
                #expect(read.contains { setting.declares($0) }, "\(setting.name) is declared and not read by \(roles)")
            }
        }
    }

    @Test func everyNameIsDeclaredOnce() {
        let names = SettingsTable.all.map(\.name)
        #expect(Set(names).count == names.count)
        for setting in SettingsTable.all where setting.isSecret { #expect(setting.option == nil, "\(setting.name)") }
    }

    @Test func theDocumentationShowsTheTable() throws {
        let path = URL(filePath: #filePath).appending(path: "../../../../docs/operations.md").standardized
        let text = try String(contentsOf: path, encoding: .utf8)
        let rows = text.split(separator: "\n").map(String.init).filter {
            $0.hasPrefix("| `")
                && $0.dropFirst(3).prefix { $0 != "`" }.allSatisfy { $0.isUppercase || "_…".contains($0) }
        }
        let wanted = SettingsTable.all.map(Self.row)
        #expect(rows == wanted, "docs/operations.md should have these rows:\n\(wanted.joined(separator: "\n"))")
    }

    @Test func theExampleOfAFileNamesSettingsOnly() throws {
        let path = URL(filePath: #filePath).appending(path: "../../../../compose/flotilla.env.example").standardized
        let text = try String(contentsOf: path, encoding: .utf8)
        let names = text.split(separator: "\n").map { $0.drop { $0 == "#" } }.filter { $0.contains("=") }
            .map { String($0.prefix { $0 != "=" }) }.filter { $0.allSatisfy { $0.isUppercase || $0 == "_" } }
        #expect(names.count > 10)
        for name in names { #expect(SettingsTable.all.contains { $0.declares(name) }, "\(name)") }
    }

    private static func row(_ setting: Setting) -> String {
        let flag = setting.option == nil ? " No flag." : ""
        return "| `\(setting.name)` | \(setting.defaultText ?? "none") | \(setting.summary)\(flag) |"
    }
}
