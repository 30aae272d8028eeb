// swift-tools-version: 6.0
import PackageDescription

/// The library's modules. Targets that use the umbrella name them all: SwiftPM rebuilds a target when a module that it names
/// changes, and the umbrella itself never does.
let modules: [Target.Dependency] = [
    "LockstepSystem", "LockstepTensor", "LockstepNN", "LockstepData", "LockstepCommunication", "LockstepMPI", "LockstepTraining",
    "LockstepSaving", "LockstepTensorBoard",
]

let package = Package(
    name: "lockstep",
    products: [
        .library(name: "Lockstep", targets: ["Lockstep"]),
        .executable(name: "lockstep", targets: ["LockstepCommand"]),
        .executable(name: "rank-checks", targets: ["RankChecks"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.0.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    ],
    targets: [
        // System libraries: module maps, and `static inline` shims where a macro hides a name from Swift.
        .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
        .systemLibrary(name: "CMPI", pkgConfig: "ompi-c", providers: [.apt(["libopenmpi-dev", "openmpi-bin"])]),
        .systemLibrary(name: "CHDF5", pkgConfig: "hdf5", providers: [.apt(["libhdf5-dev"])]),
        .systemLibrary(name: "CZip", pkgConfig: "libzip", providers: [.apt(["libzip-dev"])]),
        .systemLibrary(name: "CDeflate", pkgConfig: "libdeflate", providers: [.apt(["libdeflate-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .target(name: "CKernels"),
        .target(name: "COneDNN", linkerSettings: [.linkedLibrary("dnnl")]),

        .target(name: "LockstepSystem", dependencies: ["CCrypto"]),
        .target(name: "LockstepTensor", dependencies: ["CKernels", "COneDNN", "COpenBLAS", "LockstepSystem"]),
        .target(name: "LockstepNN", dependencies: ["LockstepTensor", "CKernels", "LockstepSystem"]),
        .target(name: "LockstepData", dependencies: ["LockstepTensor", "CKernels", "CDeflate", "CZlib", "CZip", "LockstepSystem"]),
        .target(name: "LockstepCommunication", dependencies: ["CKernels", "LockstepSystem"]),
        .target(name: "LockstepMPI", dependencies: ["CMPI", "CKernels", "LockstepCommunication", "LockstepSystem"]),
        .target(
            name: "LockstepSaving", dependencies: ["LockstepSystem", "LockstepTensor", "LockstepNN", "LockstepData", "CHDF5", "CDeflate"]),
        .target(
            name: "LockstepTensorBoard",
            dependencies: [
                "CKernels", "LockstepSystem", "LockstepTensor", "LockstepNN", "CDeflate",
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ],
            exclude: ["Protocol/event.proto", "Protocol/hparams.proto"]),
        .target(
            name: "LockstepTraining",
            dependencies: [
                "CKernels", "LockstepSystem", "LockstepTensor", "LockstepNN", "LockstepData", "LockstepCommunication", "LockstepSaving",
                "LockstepTensorBoard", .product(name: "Logging", package: "swift-log"),
            ]),
        .target(name: "Lockstep", dependencies: modules),
        .executableTarget(
            name: "LockstepCommand",
            dependencies: modules + [
                "Lockstep", "Yams", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),

        .executableTarget(name: "examples", dependencies: modules + ["Lockstep"], path: "Examples"),

        // Tests. Rank tests start `rank-checks` or `lockstep` under mpirun, through `RankJob`.
        .target(name: "RankJob", path: "Tests/RankJob"),
        .target(name: "AllocationCounter", path: "Tests/AllocationCounter"),
        .target(name: "GoldenGraphs", dependencies: modules + ["Lockstep"], path: "Tests/GoldenGraphs"),
        .executableTarget(
            name: "RankChecks",
            dependencies: modules + ["AllocationCounter", "GoldenGraphs", "CMPI", "CKernels", "Lockstep"],
            path: "Tests/RankChecks"),
        .executableTarget(name: "FailureChecks", dependencies: ["LockstepTensor", "LockstepNN"], path: "Tests/FailureChecks"),
        .executableTarget(name: "fuzz", dependencies: modules + ["Lockstep", "CDeflate", "LockstepCommand"], path: "Tests/Fuzz"),
        .testTarget(name: "LockstepFuzzTests", dependencies: ["RankJob", "fuzz"]),
        .testTarget(name: "CKernelsTests", dependencies: ["CKernels"]),
        .testTarget(name: "LockstepSystemTests", dependencies: ["LockstepSystem"]),
        .testTarget(name: "LockstepTensorTests", dependencies: ["LockstepTensor", "FailureChecks"]),
        .testTarget(name: "LockstepNNTests", dependencies: ["LockstepTensor", "LockstepNN"], exclude: ["Golden"]),
        .testTarget(name: "LockstepDataTests", dependencies: ["LockstepTensor", "LockstepData"], exclude: ["golden.py"]),
        .testTarget(
            name: "LockstepTrainingTests", dependencies: modules + ["Lockstep", "GoldenGraphs", "RankJob", "RankChecks", "examples"],
            exclude: [
                "Golden", "golden.py", "golden_callbacks.py", "golden_legacy.py", "keras_exchange.py", "golden_tensorboard.py",
                "read_events.py", "tensorboard_pages.py",
                "callbacks.json", "legacy.json", "tensorboard.json",
            ]),
        .testTarget(
            name: "LockstepSavingTests", dependencies: ["LockstepTensor", "LockstepNN", "LockstepData", "LockstepSaving"],
            exclude: ["golden.py", "golden_compiled.py", "golden_graphs.py", "golden_hdf5.py", "graphs.json"]),
        .testTarget(name: "LockstepMPITests", dependencies: ["RankJob", "RankChecks", "LockstepMPI"], exclude: ["Outside"]),
        .testTarget(name: "LockstepCommandTests", dependencies: modules + ["Lockstep", "LockstepCommand", "RankJob"]),
    ]
)

// What reads files, and its tests, alone: launch/test builds them once more for the address sanitizer.
if Context.environment["LOCKSTEP_FILES_ALONE"] != nil {
    let kept = ["System", "Tensor", "NN", "Data", "Saving", "NNTests", "DataTests", "SavingTests"].map { "Lockstep\($0)" }
    package.targets.removeAll {
        !kept.contains($0.name) && ($0.type != .system || $0.name == "CMPI") && !["CKernels", "COneDNN"].contains($0.name)
    }
    (package.products, package.dependencies) = ([], [])
}
