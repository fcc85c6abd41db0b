/// How long `fleet_events` keeps its events: whoever declares it must agree.
package enum AlertStream {
    package static let age: Duration = .seconds(7 * 86_400)
    package static let bytes = 256 << 20
}
