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

let package = Package(
  name: "Cleave",
  products: [
    .executable(name: "cleave", targets: ["cleave"])
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-numerics", from: "1.1.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    module(
      "Tensors", ["COpenBLAS", .product(name: "RealModule", package: "swift-numerics")]),
    module("Autodiff", ["Tensors"]),
    module("Suggestions", []),
    module("Training", ["Configurations", "Tensors"]),
    module("Networks", ["Autodiff", "Suggestions", "Tensors"]),
    module("Configurations", []),
    module(
      "Recipes", ["Configurations", "Suggestions", .product(name: "Yams", package: "Yams")]),
    tests("Tensors", ["Tensors"]),
    tests("Autodiff", ["Autodiff", "Tensors"]),
    tests("Networks", ["Autodiff", "Networks", "Tensors"]),
    tests("Recipes", ["Configurations", "Recipes"]),
    tests("Suggestions", ["Suggestions"]),
    tests(
      "Training", ["Configurations", "Recipes", "Tensors", "Training"],
      resources: [.copy("Reference")]),
    .executableTarget(name: "cleave", dependencies: ["Tensors"], swiftSettings: strict),
  ]
)
