/// Why a group of services ended otherwise than by a stop that was asked for.
package enum ServiceGroupError: Error, CustomStringConvertible {
    /// A service threw an error: its name and the error.
    case failed(String, any Error)
    /// A service returned although nobody had asked it to stop.
    case endedUnexpectedly(String)
    /// Services that went on after their tasks were cancelled; their tasks are left behind.
    case stuck([String])

    package var description: String {
        switch self {
        case .failed(let name, let error): "service \(name) failed: \(error)"
        case .endedUnexpectedly(let name): "service \(name) ended before it was asked to"
        case .stuck(let names): "services did not end when cancelled: \(names.joined(separator: ", "))"
        }
    }
}
