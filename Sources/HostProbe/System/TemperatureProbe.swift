/// Reads the sensors of `/sys/class/hwmon` and `/sys/class/thermal` (kernel documentation, hwmon/sysfs-interface and
/// driver-api/thermal). Belongs to one thread.
package final class TemperatureProbe {
    /// A machine with more sensors shows the first ones.
    package static let maximumSensors = 64
    /// Readings after which the sensors are looked for again, as drivers come and go.
    private static let readingsPerSearch = 60

    private struct Sensor {
        var name: String
        var label: String?
        var input: KernelFile
    }

    private let root: String
    private var sensors: [Sensor] = []
    private var readings = 0

    package init(root: String = "") { self.root = root }

    /// Empty on a machine without sensors, as most virtual ones are.
    package func read(_ buffer: ReadBuffer) -> [Temperature] {
        if readings % Self.readingsPerSearch == 0 {
            sensors = search(buffer)
            readings = 0
        }
        readings += 1
        return sensors.map { sensor in
            let celsius = Temperature.celsius(thousandths: sensor.input.signedInteger(buffer))
            return Temperature(sensor: sensor.name, label: sensor.label, celsius: celsius)
        }
    }

    private func search(_ buffer: ReadBuffer) -> [Sensor] {
        var found: [Sensor] = []
        for device in KernelFolder.names(root + "/sys/class/hwmon") {
            let folder = "/sys/class/hwmon/" + device
            let name = KernelFile(root: root, folder + "/name").text(buffer) ?? device
            for file in KernelFolder.names(root + folder) where file.hasPrefix("temp") && file.hasSuffix("_input") {
                let label = KernelFile(root: root, "\(folder)/\(file.dropLast("input".count))label").text(buffer)
                found.append(Sensor(name: name, label: label, input: KernelFile(root: root, "\(folder)/\(file)")))
            }
        }
        // The kernel shows most zones as hwmon devices as well, with `_` for the `-` that those may not have.
        let known = Set(found.map(\.name))
        for zone in KernelFolder.names(root + "/sys/class/thermal") where zone.hasPrefix("thermal_zone") {
            let folder = "/sys/class/thermal/" + zone
            let type = KernelFile(root: root, folder + "/type").text(buffer) ?? zone
            if known.contains(String(type.map { $0 == "-" ? "_" : $0 })) { continue }
            found.append(Sensor(name: type, label: nil, input: KernelFile(root: root, folder + "/temp")))
        }
        return Array(found.prefix(Self.maximumSensors))
    }
}
