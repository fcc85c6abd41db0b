/// Everything that is wrong with the settings, at once.
package struct SettingsError: Error, Sendable, Hashable, CustomStringConvertible {
    /// One thing that is wrong.
    package struct Problem: Sendable, Hashable, CustomStringConvertible {
        /// The variable, such as `API_PORT`, or the file.
        package let name: String
        /// A sentence that names the setting, where its value came from, the value unless it is secret, and what is
        /// allowed.
        package let description: String

        package init(name: String, description: String) {
            self.name = name
            self.description = description
        }
    }

    package let problems: [Problem]

    package init(_ problems: [Problem]) { self.problems = problems }

    package var description: String { problems.map(\.description).joined(separator: "\n") }
}
