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
    .package(url: "https://github.com/apple/swift-numerics", from: "1.1.0")
  ],
  targets: [
    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    module(
      "Tensors", ["COpenBLAS", .product(name: "RealModule", package: "swift-numerics")]),
    module("Autodiff", ["Tensors"]),
    tests("Tensors", ["Tensors", .product(name: "RealModule", package: "swift-numerics")]),
    tests(
      "Autodiff", ["Autodiff", "Tensors"], resources: [.copy("Reference")]),
    .executableTarget(name: "cleave", dependencies: ["Tensors"], swiftSettings: strict),
  ]
)
