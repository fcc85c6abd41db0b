internal import Contracts
internal import HTTPKit

/// How generations use the memory of the GPU: the setting `system/optimization`.
struct GenerationSettings: Sendable, Hashable {
    var quantization = "bf16"
    var offloads = true
    /// Pixels, 128 to 512.
    var tileSize = 256
    /// GiB, 4 to 24.
    var maximumVRAM = 12.0

    static let setting = "system/optimization"

    private static let quantizationField = BodyField.word(
        "quantization", "Of the weights.", default: "bf16", of: ["fp16", "bf16", "int8"])
    private static let offloadField = BodyField.flag(
        "enable_offload", "Whether what is not in use is kept in the host's memory.", default: true)
    private static let tileField = BodyField.int("vae_tile_size", "Pixels.", default: 256, in: 128...512)
    private static let vramField = BodyField.number("max_vram_usage_gb", "GiB.", default: 12, in: 4...24)

    /// A member that is left out is reset to its default, as the clients know it.
    static let bodySchema = Schema.object([
        quantizationField.property, offloadField.property, tileField.property, vramField.property,
    ]).named("GenerationSettingsChange")

    static let schema = Schema.object(
        bodySchema.properties.map { .init($0.name, $0.schema) }
    ).named("GenerationSettings")
}

extension GenerationSettings {
    /// - Throws: 422 with every fault.
    init(_ body: JSONDocument?) throws(HTTPError) {
        var reader = try BodyReader(body)
        quantization = reader.value(Self.quantizationField)
        offloads = reader.value(Self.offloadField)
        tileSize = reader.value(Self.tileField)
        maximumVRAM = reader.value(Self.vramField)
        try reader.finish()
    }

    /// Reads the setting's value, which `json` wrote.
    /// - Throws: `JSONError`, and 422 for a value that this version does not know.
    init(json: [UInt8]) throws { try self.init(JSONDocument(parsing: json)) }

    var json: [UInt8] {
        var writer = JSONWriter(capacity: 128)
        write(to: &writer)
        return writer.bytes
    }

    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member(Self.quantizationField.property.name, quantization)
            writer.member(Self.offloadField.property.name, offloads)
            writer.member(Self.tileField.property.name, tileSize)
            writer.member(Self.vramField.property.name, maximumVRAM)
        }
    }

    /// GiB that the settings save, by the constants that the service has published: 2 for bf16, 4 for int8, 3 for
    /// offloading, 1 for tiles up to 256 pixels.
    var estimatedSavings: Double {
        let weights =
            switch quantization {
            case "bf16": 2.0
            case "int8": 4.0
            default: 0.0
            }
        return weights + (offloads ? 3 : 0) + (tileSize <= 256 ? 1 : 0)
    }

    /// What would help on a host with this load.
    func recommendations(for stats: HostStats) -> [String] {
        var texts: [String] = []
        if maximumVRAM < stats.vramUsed / 1024 + 2 {
            texts.append("Raise max_vram_usage_gb or offload more: the limit is within 2 GiB of what is in use.")
        }
        if quantization == "fp16", stats.vramTotal < 16_000 {
            texts.append("Use bf16 or int8: the GPU has less than 16 GB of memory.")
        }
        if !offloads, stats.vramTotal < 12_000 {
            texts.append("Enable offloading: the GPU has less than 12 GB of memory.")
        }
        return texts
    }
}
