// swift-tools-version: 6.2
import PackageDescription

/// Settings every Swift target shares: no implicit existentials, imports stay internal unless a
/// signature needs them, and a warning is an error.
let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .treatAllWarnings(as: .error),
]

/// A module of the toolkit; its dependencies are the architecture, see `.github/DESIGN.md`.
func module(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// The tests of one module.
func tests(
  _ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []
) -> Target {
  .testTarget(
    name: name + "Tests", dependencies: dependencies, resources: resources, swiftSettings: strict)
}

/// Messages generated from a schema of the project's own beside them; generated code is not held to
/// the project's settings.
func schema(_ name: String, _ file: String) -> Target {
  .target(
    name: name, dependencies: [.product(name: "SwiftProtobuf", package: "swift-protobuf")],
    exclude: [file])
}

/// A library that only the build with gRPC needs.
func grpc(_ name: String, _ package: String) -> Target.Dependency {
  .product(name: name, package: package, condition: .when(traits: ["GRPC"]))
}

let package = Package(
  name: "Cleave",
  products: [
    .executable(name: "cleave", targets: ["cleave"])
  ],
  traits: [
    .trait(
      name: "GRPC",
      description:
        "The tail as a service: `cleave serve`, `cleave offload` and tails at grpc://host:port."),
    .trait(name: "MPI", description: "Training in several processes, started by `mpirun`."),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
    .package(url: "https://github.com/apple/swift-numerics", from: "1.1.0"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.90.0"),
    .package(url: "https://github.com/grpc/grpc-swift-2", from: "2.4.0"),
    .package(url: "https://github.com/grpc/grpc-swift-nio-transport", from: "2.9.0"),
    .package(url: "https://github.com/grpc/grpc-swift-protobuf", from: "2.4.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
  ],
  targets: [
    .systemLibrary(name: "CHDF5", pkgConfig: "hdf5", providers: [.apt(["libhdf5-dev"])]),
    .systemLibrary(name: "CImages", providers: [.apt(["libgd-dev"])]),
    .systemLibrary(name: "CMPI", pkgConfig: "ompi-c", providers: [.apt(["libopenmpi-dev"])]),
    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .target(name: "CKernels"),
    module("Files", []),
    module("Boxes", []),
    module("FixedPoint", []),
    module("Suggestions", []),
    module("Configurations", []),
    module("Terminal", []),
    module(
      "Tensors",
      ["COpenBLAS", "CKernels", .product(name: "RealModule", package: "swift-numerics")]),
    module("DroneWorlds", ["CKernels", "Configurations", "Tensors"]),
    module(
      "ArchitectureSearch",
      ["Tensors", .product(name: "RealModule", package: "swift-numerics")]),
    module("Codecs", ["CKernels", "Files", "Tensors"]),
    module("Autodiff", ["Tensors"]),
    module(
      "Networks", ["Autodiff", "Boxes", "Codecs", "Configurations", "Suggestions", "Tensors"]),
    module("HDF5", ["CHDF5", "CZlib", "Files", "Suggestions"]),
    module(
      "Datasets",
      [
        "Boxes", "CImages", "CZlib", "Configurations",
        .product(name: "Crypto", package: "swift-crypto"), "DroneWorlds", "Files", "HDF5",
        "Suggestions", "Tensors",
      ]),
    schema("EventSchema", "event.proto"),
    module(
      "EventLog",
      ["EventSchema", "Files", .product(name: "SwiftProtobuf", package: "swift-protobuf")]),
    schema("ONNXSchema", "onnx.proto"),
    module(
      "Export",
      [
        "Autodiff", "Boxes", "Codecs", .product(name: "Crypto", package: "swift-crypto"), "Files",
        "FixedPoint", "Networks", "ONNXSchema",
        .product(name: "SwiftProtobuf", package: "swift-protobuf"), "Tensors",
      ]),
    module("Metrics", ["Boxes", "Tensors"]),
    module(
      "Tasks",
      [
        "Autodiff", "Boxes", "Configurations", "Datasets", "Metrics", "Networks", "Suggestions",
        "Tensors",
      ]),
    module("Plots", ["CImages"]),
    module(
      "Splitting", ["Autodiff", "Configurations", "Networks", "Suggestions", "Tensors"]),
    module("Serving", ["Codecs", "Files", "Networks", "Splitting", "Tensors"]),
    .target(
      name: "TailSchema",
      dependencies: [
        grpc("SwiftProtobuf", "swift-protobuf"), grpc("GRPCCore", "grpc-swift-2"),
        grpc("GRPCProtobuf", "grpc-swift-protobuf"),
      ], exclude: ["tail.proto", "health.proto", "generate.sh"]),
    module(
      "RemoteTails",
      [
        "Codecs", grpc("Crypto", "swift-crypto"), "Files", grpc("GRPCCore", "grpc-swift-2"),
        grpc("GRPCNIOTransportHTTP2Posix", "grpc-swift-nio-transport"),
        grpc("GRPCProtobuf", "grpc-swift-protobuf"), grpc("NIOCore", "swift-nio"),
        grpc("NIOPosix", "swift-nio"), grpc("SwiftProtobuf", "swift-protobuf"), "Networks",
        "Serving", "Splitting", "TailSchema", "Tensors",
      ]),
    module("Checkpoints", ["CZlib", "Files", "HDF5", "Networks", "Suggestions", "Tensors"]),
    module(
      "Training",
      [
        "Autodiff", "Checkpoints", "Codecs", "Configurations", "Datasets", "EventLog", "Files",
        "Metrics", "Networks", "Splitting", "Tasks", "Tensors",
      ]),
    module(
      "Methods",
      [
        "ArchitectureSearch", "Autodiff", "Boxes", "Checkpoints", "Codecs", "Configurations",
        "Datasets", "DroneWorlds", "Files", "Metrics", "Networks", "Splitting", "Tasks", "Tensors",
        "Training",
      ]),
    module(
      "Benchmarks",
      [
        "Autodiff", "DroneWorlds", "Methods", "Networks", "Serving", "Splitting", "Tensors",
        "Training",
      ]),
    module(
      "MessagePassing", [.target(name: "CMPI", condition: .when(traits: ["MPI"])), "Training"]),
    module(
      "Reports",
      ["Metrics", "Plots", "Networks", "Splitting", "Tasks", "Terminal", "Training"]),
    module(
      "Recipes",
      [
        "Boxes", "Checkpoints", "Codecs", "Configurations", "Datasets", "DroneWorlds", "Export",
        "Files", "FixedPoint", "Methods", "Networks", "Plots", "RemoteTails", "Reports",
        "Serving", "Splitting", "Suggestions", "Tasks", "Tensors", "Training",
        .product(name: "Yams", package: "Yams"),
      ]),
    module(
      "Sweeps",
      [
        "Configurations", "Files", "Metrics", "Plots", "Recipes", "Reports", "Splitting",
        "Training",
      ]),
    tests("Tensors", ["Tensors"]),
    tests("Architecture", []),
    tests("ArchitectureSearch", ["ArchitectureSearch", "Tensors"]),
    tests("Benchmarks", ["Benchmarks", "Codecs", "Networks", "Serving", "Splitting", "Tensors"]),
    tests("Boxes", ["Boxes"]),
    tests("MessagePassing", ["Autodiff", "MessagePassing", "Training"]),
    tests("Metrics", ["Boxes", "Metrics", "Tensors"], resources: [.copy("Reference")]),
    tests("Tasks", ["Autodiff", "Boxes", "Datasets", "Metrics", "Networks", "Tasks", "Tensors"]),
    tests("Autodiff", ["Autodiff", "Tensors"], resources: [.copy("Reference")]),
    tests(
      "Checkpoints", ["Checkpoints", "HDF5", "Networks", "Tensors"],
      resources: [.copy("Fixtures"), .copy("Reference")]),
    tests(
      "Cleave", ["Checkpoints", "HDF5", "MessagePassing", "Networks", "Tensors", "cleave"],
      resources: [.copy("Help")]),
    tests("Codecs", ["Codecs", "Files", "Tensors"]),
    tests(
      "Datasets", ["Boxes", "CZlib", "Datasets", "DroneWorlds", "HDF5", "Tensors"],
      resources: [.copy("Reference")]),
    tests("DroneWorlds", ["DroneWorlds", "Tensors"]),
    tests(
      "EventLog",
      [
        "EventLog", "EventSchema", .product(name: "SwiftProtobuf", package: "swift-protobuf"),
        "TestSupport",
      ],
      resources: [.copy("Reference")]),
    tests(
      "Export",
      [
        "Autodiff", "Boxes", "Datasets", "Export", "Networks", "ONNXSchema",
        .product(name: "SwiftProtobuf", package: "swift-protobuf"), "Tasks", "Tensors",
        "TestSupport",
      ], resources: [.copy("Reference")]),
    tests("Files", ["Files"]),
    tests("FixedPoint", ["FixedPoint"]),
    tests("HDF5", ["HDF5"], resources: [.copy("Fixtures")]),
    tests(
      "Methods",
      [
        "ArchitectureSearch", "Autodiff", "Checkpoints", "Codecs", "Configurations", "Datasets",
        "DroneWorlds", "Export",
        "Methods", "Metrics", "Networks", "Recipes", "Splitting", "Tasks", "Tensors", "TestSupport",
        "Training",
      ], resources: [.copy("Reference")]),
    tests("Networks", ["Autodiff", "Boxes", "Networks", "Tensors"]),
    tests(
      "Recipes",
      [
        "Checkpoints", "Codecs", "Configurations", "Datasets", "HDF5", "Methods", "Networks",
        "Plots", "Recipes", "Reports", "Serving", "Splitting", "Tasks", "Tensors", "Training",
      ]),
    tests(
      "RemoteTails", ["Codecs", "Networks", "RemoteTails", "Serving", "Splitting", "Tensors"],
      resources: [.copy("Fixtures")]),
    tests("Serving", ["Codecs", "Networks", "Serving", "Splitting", "Tensors"]),
    tests("Splitting", ["Autodiff", "Configurations", "Networks", "Splitting", "Tensors"]),
    tests("Plots", ["Plots"]),
    tests("Reports", ["Plots", "Reports", "Terminal", "Training"]),
    tests("Sweeps", ["Metrics", "Plots", "Recipes", "Reports", "Sweeps", "Terminal", "Training"]),
    tests("Suggestions", ["Suggestions"]),
    tests("Terminal", ["Terminal"]),
    tests(
      "Training",
      [
        "Autodiff", "Checkpoints", "Codecs", "Configurations", "Datasets", "Metrics", "Networks",
        "Recipes", "Splitting", "Tensors", "Training",
      ],
      resources: [.copy("Reference")]),
    .target(name: "TestSupport", path: "Tests/Support", swiftSettings: strict),
    .executableTarget(
      name: "fuzz", dependencies: ["Codecs", "Files", "Tensors"], path: "Tests/Fuzz",
      swiftSettings: strict),
    .executableTarget(
      name: "cleave",
      dependencies: [
        "Benchmarks", "Checkpoints", "Codecs", "Datasets", "Export", "Files", "HDF5",
        "MessagePassing", "Networks", "Plots", "Recipes", "RemoteTails", "Reports", "Serving",
        "Splitting", "Suggestions", "Sweeps", "Tasks", "Tensors", "Terminal", "Training",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], swiftSettings: strict),
  ]
)
