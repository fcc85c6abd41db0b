// swift-tools-version: 6.1
import PackageDescription

let swift: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: swift)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: swift)
}

func library(_ name: String, pkgConfig: String, package: String) -> Target {
    .systemLibrary(name: name, path: "Sources/CModules/\(name)", pkgConfig: pkgConfig, providers: [.apt([package])])
}

/// A program whose source is the file that the last step of a tutorial shows.
func tutorial(_ name: String, _ folder: String) -> Target {
    .executableTarget(
        name: name, dependencies: ["BusClients"],
        path: "Sources/BusClients/BusClients.docc/Resources/\(folder)/Program", swiftSettings: swift)
}

/// The arrows of `docs/architecture.md`: HTTP → Ingress → bus → worker → bus → projection → read. Workers never import
/// Ingress, HTTPKit or each other. The build checks it with `--explicit-target-dependency-import-check error`.
let package = Package(
    name: "flotilla",
    products: [
        .executable(name: "flotilla", targets: ["flotilla"]),
        .library(name: "BusClients", type: .static, targets: ["BusClients"]),
    ],
    targets: [
        library("CSQLite", pkgConfig: "sqlite3", package: "libsqlite3-dev"),
        library("CRabbitMQ", pkgConfig: "librabbitmq", package: "librabbitmq-dev"),
        library("CRdKafka", pkgConfig: "rdkafka", package: "librdkafka-dev"),
        library("CHTTP", pkgConfig: "libmicrohttpd", package: "libmicrohttpd-dev"),
        library("CGnuTLS", pkgConfig: "gnutls", package: "libgnutls28-dev"),
        library("CJWT", pkgConfig: "libjwt", package: "libjwt-dev"),
        library("CCrypto", pkgConfig: "libcrypto", package: "libssl-dev"),
        library("CMosquitto", pkgConfig: "libmosquitto", package: "libmosquitto-dev"),
        library("CSodium", pkgConfig: "libsodium", package: "libsodium-dev"),
        .target(name: "CSystem", path: "Sources/CModules/CSystem"),
        .target(name: "CHTTPErrors", dependencies: ["CHTTP"], path: "Sources/CModules/CHTTPErrors"),
        .target(
            name: "CSimdJSON",
            path: "Sources/CModules/CSimdJSON",
            cxxSettings: [.unsafeFlags(["-O3"])],
            linkerSettings: [.linkedLibrary("simdjson")]),
        .target(
            name: "CRE2",
            path: "Sources/CModules/CRE2",
            linkerSettings: [.linkedLibrary("re2")]),
        .target(name: "CCurl", path: "Sources/CModules/CCurl"),
        .target(name: "CNVML", path: "Sources/CModules/CNVML"),

        module("Runtime", ["CSystem"]),
        module("SQLiteKit", ["Runtime", "CSQLite"]),
        module("BusClients", ["Runtime", "SQLiteKit", "CSystem", "CRabbitMQ", "CRdKafka"]),
        module("Contracts", ["Runtime", "CRE2", "CSimdJSON"]),
        module("HostProbe", ["CNVML"]),
        module("ModelKit"),
        module("MetricsWorker", ["BusClients", "Contracts", "HostProbe", "Runtime"]),
        module(
            "OptimizeWorker",
            ["BusClients", "Contracts", "HostProbe", "ModelKit", "SQLiteKit", "Runtime", "CSystem"]),
        module("CommandPusher", ["BusClients", "Contracts", "Runtime"]),
        module("DeviceConnector", ["BusClients", "Contracts", "Runtime", "CMosquitto", "CSystem"]),
        module("HTTPKit", ["Runtime", "CCurl", "CHTTP", "CHTTPErrors", "CGnuTLS", "CSystem"]),
        module(
            "Ingress", ["BusClients", "Contracts", "HTTPKit", "SQLiteKit", "Runtime", "CJWT", "CCrypto", "CSodium"]),
        .executableTarget(
            name: "flotilla",
            dependencies: [
                "Runtime", "SQLiteKit", "BusClients", "Contracts", "HostProbe", "MetricsWorker", "OptimizeWorker",
                "CommandPusher", "DeviceConnector", "HTTPKit", "Ingress", "CSystem",
            ],
            swiftSettings: swift),
        module("BusTestKit", ["BusClients", "Runtime"]),
        module("DocumentTestKit", ["Contracts", "Runtime"]),
        .executableTarget(name: "kafka-mock-cluster", dependencies: ["CRdKafka"], path: "Sources/KafkaMockCluster"),
        .executableTarget(
            name: "LogAppend", dependencies: ["BusClients", "Runtime"], path: "Benchmarks/LogAppend",
            swiftSettings: swift),
        .executableTarget(
            name: "BusBench", dependencies: ["BusClients"], path: "Benchmarks/BusBench", swiftSettings: swift),
        .executableTarget(
            name: "ViewsBench", dependencies: ["Ingress", "BusClients", "Contracts", "SQLiteKit", "Runtime"],
            path: "Benchmarks/ViewsBench", swiftSettings: swift),
        .executableTarget(
            name: "HostBench", dependencies: ["BusClients", "Contracts", "HostProbe", "Runtime"],
            path: "Benchmarks/HostBench", swiftSettings: swift),
        .executableTarget(
            name: "AccessCheck", dependencies: ["BusClients", "HTTPKit", "Ingress", "Runtime"],
            path: "Benchmarks/AccessCheck", swiftSettings: swift),

        tutorial("TutorialDeviceCommands", "DeviceCommands"),
        tutorial("TutorialOptimizationEvents", "OptimizationEvents"),

        tests("RuntimeTests", ["Runtime", "BusTestKit", "CSystem"]),
        tests("SQLiteKitTests", ["SQLiteKit", "Runtime", "CSQLite"]),
        tests("BusClientsTests", ["BusClients", "BusTestKit", "Runtime", "SQLiteKit", "CRabbitMQ", "CRdKafka"]),
        tests("ContractsTests", ["Contracts", "DocumentTestKit", "Runtime"]),
        tests("HostProbeTests", ["HostProbe", "CNVML"]),
        tests("ModelKitTests", ["ModelKit"]),
        tests("HTTPKitTests", ["HTTPKit", "Runtime"]),
        tests(
            "MetricsWorkerTests", ["MetricsWorker", "BusTestKit", "BusClients", "Contracts", "HostProbe", "Runtime"]),
        tests(
            "OptimizeWorkerTests",
            ["OptimizeWorker", "BusTestKit", "BusClients", "Contracts", "HostProbe", "Runtime", "SQLiteKit"]),
        tests("CommandPusherTests", ["CommandPusher", "BusTestKit", "BusClients", "Contracts", "Runtime"]),
        tests(
            "DeviceConnectorTests",
            ["DeviceConnector", "BusTestKit", "BusClients", "Contracts", "Runtime", "CMosquitto"]),
        tests(
            "IngressTests",
            [
                "Ingress", "CommandPusher", "BusTestKit", "DocumentTestKit", "BusClients", "Contracts", "HTTPKit",
                "MetricsWorker", "SQLiteKit", "Runtime",
            ]),
        tests(
            "FleetTests",
            [
                "flotilla", "BusTestKit", "DocumentTestKit", "BusClients", "Contracts", "DeviceConnector", "HTTPKit",
                "Ingress", "Runtime",
            ]),
    ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)

// The fuzzer imports modules as tests do, which a release build does not allow: `make test` asks for it.
if Context.environment["FLOTILLA_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(
            name: "FlotillaFuzz",
            dependencies: [
                "BusClients", "BusTestKit", "Contracts", "HTTPKit", "HostProbe", "Ingress", "MetricsWorker", "Runtime",
            ], path: "Tests/Fuzz",
            // What makes the inputs may be fast; what takes them keeps all the checks of a debug build.
            swiftSettings: swift + [.unsafeFlags(["-O"])]))
}
