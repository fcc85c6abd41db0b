import Runtime

/// `flotilla check`: whether 'flotilla up' would run with these settings, and with which.
enum CheckCommand {
    private static let strict = Option(name: "strict", summary: "Count warnings as problems.")

    static let command = Command(
        name: "check", summary: "check the configuration of 'flotilla up' without starting it",
        discussion: [
            "Shows every setting in effect and where it came from, a secret only as set, and everything that is wrong "
                + "at once. Looks at the state folder, the port and the certificate, and asks the brokers that are "
                + "set for at most 5 seconds each. Changes nothing.",
            "A broker that cannot be reached is a warning, because 'flotilla up' waits for it.",
        ],
        options: [strict, ClientOptions.json] + ServiceOptions.options(of: Role.allCases),
        variables: ServiceOptions.variables(of: Role.allCases),
        exits: [
            .init(.success, "'flotilla up' would run"),
            .init(.configuration, "something is wrong, or there is a warning with --strict"), .init(.usage),
        ],
        examples: [
            .init("flotilla check", "The settings in effect, and what is wrong with them."),
            .init("flotilla check --strict --json", "For a script that deploys."),
        ],
        run: { invocation in
            let report = try await report(invocation)
            if invocation.arguments.has(ClientOptions.json) {
                try invocation.console.line(report.json)
            } else {
                for line in report.lines(invocation.console.style) { try invocation.console.line(line) }
            }
            return report.exit
        })

    private static func report(_ invocation: Invocation) async throws(CommandFailure) -> CheckReport {
        var reader = try SettingsReader(invocation)
        let now = invocation.time.now
        let settings = FleetSettings(&reader, environment: invocation.environment, now: now, roles: Role.allCases)
        let faults = reader.problems.map { CheckReport.Finding($0.name, .problem, $0.description) }
        // Where a setting is wrong its default was read: what follows from that says nothing.
        let wrong = Set(faults.map(\.subject))
        let places = PlaceChecks(settings: settings, now: now)
        var findings = faults + unused(reader, settings)
        if !wrong.contains("FLOTILLA_STATE") { findings.append(places.stateFolder) }
        if wrong.isDisjoint(with: ["API_HOST", "API_PORT"]) { findings.append(places.port) }
        if let certificate = places.certificate { findings.append(certificate) }
        findings += await BrokerChecks(settings: settings.bus, time: invocation.time).findings()
        return CheckReport(
            settings: EffectiveSetting.all(
                ServiceOptions.settings(of: Role.allCases), of: reader, computed: computed(settings)),
            findings: findings, isStrict: invocation.arguments.has(strict))
    }

    /// The defaults that depend on the machine.
    private static func computed(_ settings: FleetSettings) -> [String: String] {
        [
            "FLOTILLA_STATE": settings.stateFolder.path, "FLOTILLA_HOST": settings.host,
            "STORAGE_ROOTS": settings.storageRoots.joined(separator: ":"),
        ]
    }

    /// Settings that nobody reads: of other builds, or mistyped in the file.
    private static func unused(_ reader: SettingsReader, _ settings: FleetSettings) -> [CheckReport.Finding] {
        let withoutEffect = settings.withoutEffect.map {
            CheckReport.Finding($0, .warning, "has no effect in this build")
        }
        let unknown = reader.names(prefix: "").compactMap { name -> CheckReport.Finding? in
            guard case .file(let path, let line)? = reader[name]?.source, !settings.withoutEffect.contains(name),
                !SettingsTable.all.contains(where: { $0.declares(name) })
            else { return nil }
            let nearest = Suggestion.nearest(to: name, among: SettingsTable.all.map(\.name))
            let hint = nearest.map { "; did you mean \($0)?" } ?? ""
            return CheckReport.Finding(name, .warning, "\(path) line \(line) sets it, and nothing reads it\(hint)")
        }
        return withoutEffect + unknown
    }
}
