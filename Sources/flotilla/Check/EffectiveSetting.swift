import Runtime

/// A setting with the value that is in effect, and where that came from.
struct EffectiveSetting: Sendable, Hashable {
    var name: String
    /// What was given, or the default as people read it; nil for nothing.
    var value: String?
    var isSecret: Bool
    /// Whether it was given; otherwise the default holds.
    var isGiven: Bool
    /// `flag`, `environment`, the file with its line, or `default`.
    var source: String

    /// The value for people: a secret says only that it is set.
    var shown: String { isSecret && isGiven ? "set" : value ?? "none" }

    /// What a process with these settings has read, in the order of the table.
    static func all(_ settings: [Setting], of reader: SettingsReader, computed: [String: String]) -> [EffectiveSetting]
    {
        settings.flatMap { setting in
            reader.namesRead.filter { setting.declares($0) }.map { name in
                guard let given = reader[name] else {
                    let value = computed[name] ?? setting.defaultText
                    return EffectiveSetting(
                        name: name, value: value, isSecret: setting.isSecret, isGiven: false, source: "default")
                }
                return EffectiveSetting(
                    name: name, value: setting.isSecret ? nil : given.text, isSecret: setting.isSecret, isGiven: true,
                    source: word(given.source))
            }
        }
    }

    private static func word(_ source: SettingValue.Source) -> String {
        switch source {
        case .flag: "flag"
        case .environment: "environment"
        case .file(let path, let line): "\(path):\(line)"
        }
    }
}
