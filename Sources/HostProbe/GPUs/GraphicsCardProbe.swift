import Glibc

/// Reads the GPUs of AMD and Intel below `/sys/class/drm` (kernel documentation, gpu/amdgpu/thermal and
/// gpu/drm-usage-stats; the ABI of i915 and xe). Belongs to one thread.
package final class GraphicsCardProbe {
    package static let maximumCards = 64
    /// Readings after which cards are looked for again.
    private static let readingsPerSearch = 60

    private let root: String
    private var cards: [GraphicsCard] = []
    private var readings = 0

    package init(root: String = "") { self.root = root }

    package func read(_ buffer: ReadBuffer) -> [GPUReading] {
        if readings % Self.readingsPerSearch == 0 {
            search(buffer)
            readings = 0
        }
        readings += 1
        return cards.map { $0.read(buffer) }
    }

    /// Cards that are known stay, so that one which is lost is seen to be.
    private func search(_ buffer: ReadBuffer) {
        for name in KernelFolder.names(root + "/sys/class/drm") where cards.count < Self.maximumCards {
            // card0, but not its connectors such as card0-DP-1.
            guard name.hasPrefix("card"), name.dropFirst(4).allSatisfy(\.isNumber), name.utf8.count > 4,
                !cards.contains(where: { $0.id == name })
            else { continue }
            let vendor = KernelFile(root: root, "/sys/class/drm/\(name)/device/vendor").text(buffer)
            switch vendor {
            case "0x1002": cards.append(GraphicsCard(.amd, name, root: root, buffer))
            case "0x8086": cards.append(GraphicsCard(.intel, name, root: root, buffer))
            default: break
            }
        }
    }
}

/// The files of one card. Belongs to one thread.
final class GraphicsCard {
    let id: String
    private let known: GPUReading
    private let root: String
    /// `suspended` while the card sleeps.
    private let powerState: KernelFile
    private let busy: KernelFile?
    private let memoryTotal: KernelFile?
    private let memoryUsed: KernelFile?
    private let idle: KernelFile?
    private let temperature: KernelFile?
    private let power: KernelFile?
    private let powerLimit: KernelFile?
    private let energy: KernelFile?
    private let megahertz: KernelFile?
    private let hertz: KernelFile?

    init(_ vendor: GPUReading.Vendor, _ card: String, root: String, _ buffer: ReadBuffer) {
        id = card
        self.root = root
        let folder = "/sys/class/drm/" + card
        let device = folder + "/device"
        /// The first of these files that there is.
        func file(_ paths: String...) -> KernelFile? {
            paths.first { access(root + $0, F_OK) == 0 }.map { KernelFile(root: root, $0) }
        }
        let monitors = KernelFolder.names(root + device + "/hwmon").map { "\(device)/hwmon/\($0)" }
        let monitor = monitors.first ?? device + "/hwmon/hwmon0"
        var known = GPUReading(vendor: vendor, id: card)
        known.name = KernelFile(root: root, device + "/product_name").text(buffer)
        known.uuid = KernelFile(root: root, device + "/unique_id").text(buffer)
        self.known = known
        powerState = KernelFile(root: root, device + "/power/runtime_status")
        busy = file(device + "/gpu_busy_percent")
        memoryTotal = file(device + "/mem_info_vram_total")
        memoryUsed = file(device + "/mem_info_vram_used")
        // i915, then xe: the time in which the first engine group slept.
        idle = file(
            folder + "/gt/gt0/rc6_residency_ms", folder + "/power/rc6_residency_ms",
            device + "/tile0/gt0/gtidle/idle_residency_ms")
        temperature = file(monitor + "/temp1_input", monitor + "/temp2_input")
        power = file(monitor + "/power1_average", monitor + "/power1_input")
        powerLimit = file(monitor + "/power1_cap", monitor + "/power1_max")
        energy = file(monitor + "/energy1_input")
        megahertz = file(folder + "/gt_act_freq_mhz", device + "/tile0/gt0/freq0/act_freq")
        hertz = file(monitor + "/freq1_input")
    }

    /// A card that sleeps says nothing: most of its files would wake it up, and keep it awake.
    func read(_ buffer: ReadBuffer) -> GPUReading {
        let isAsleep = powerState.value(buffer) { $0.starts(with: "suspended") }
        if isAsleep == true { return known }
        var gpu = known
        gpu.busyPercent = busy?.integer(buffer).map { Double(min($0, 100)) }
        gpu.memoryTotal = memoryTotal?.integer(buffer)
        gpu.memoryUsed = memoryUsed?.integer(buffer)
        gpu.idleMilliseconds = idle?.integer(buffer)
        gpu.celsius = Temperature.celsius(thousandths: temperature?.signedInteger(buffer))
        gpu.watts = power?.integer(buffer).map { Double($0) / 1_000_000 }
        gpu.wattsLimit = powerLimit?.integer(buffer).map { Double($0) / 1_000_000 }
        gpu.energyMicrojoules = energy?.integer(buffer)
        gpu.megahertz =
            megahertz?.integer(buffer).map { Double($0) } ?? hertz?.integer(buffer).map { Double($0) / 1_000_000 }
        if gpu == known, access("\(root)/sys/class/drm/\(id)", F_OK) != 0 || hasFiles {
            gpu.problem = "the GPU does not answer"
        }
        return gpu
    }

    /// Whether it ever had something to say.
    private var hasFiles: Bool {
        busy != nil || memoryTotal != nil || idle != nil || temperature != nil || power != nil || energy != nil
            || megahertz != nil || hertz != nil
    }
}
