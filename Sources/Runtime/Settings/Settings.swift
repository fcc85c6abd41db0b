/// Stage one of configuration: the raw values, a flag before the environment before the file.
///
/// An empty value means the default, also where a later source has another: so a variable can be switched off.
package struct Settings: Sendable {
    /// The variable that names the file to read.
    package static let fileVariable = "FLOTILLA_ENV_FILE"

    private let values: [String: SettingValue]

    /// - Parameters:
    ///   - flags: By flag (`--api-port` or `api-port`) or by variable (`API_PORT`).
    ///   - environment: All variables of the process.
    ///   - file: The file that is read if it exists, unless `FLOTILLA_ENV_FILE` names another, which must exist.
    /// - Throws: Everything that is wrong with the file, at once.
    package init(
        flags: [String: String], environment: [String: String], file: String? = "flotilla.env"
    ) throws(SettingsError) {
        var values: [String: SettingValue] = [:]
        for (name, text) in environment { values[name] = SettingValue(text: text, source: .environment) }
        for (name, text) in flags { values[SettingName.variable(name)] = SettingValue(text: text, source: .flag) }
        let named = values[Self.fileVariable].flatMap { $0.text.isEmpty ? nil : $0.text }
        if let path = named ?? file {
            let settings = try EnvironmentFile.read(path, mayBeMissing: named == nil)
            values.merge(settings) { given, _ in given }
        }
        self.values = values
    }

    /// Stage two: typed reads that collect what is wrong.
    package func reader() -> SettingsReader { SettingsReader(self) }

    /// The names of all that are set and begin so.
    package func names(prefix: String) -> [String] {
        values.keys.filter { $0.hasPrefix(prefix) && self[$0] != nil }.sorted()
    }

    /// Nil when it is not set, or is empty.
    subscript(name: String) -> SettingValue? {
        guard let value = values[name], !value.text.isEmpty else { return nil }
        return value
    }
}
