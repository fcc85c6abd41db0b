/// How a log line looks.
package enum LogFormat: String, CaseIterable, Sendable {
    /// `2026-11-21T03:00:00.123Z info  ingress listening url=http://127.0.0.1:8000`
    case text
    /// `{"time":"2026-11-21T03:00:00.123Z","level":"info","component":"ingress","event":"listening","url":"…"}`
    case json
}
