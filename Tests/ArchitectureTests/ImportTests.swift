import Foundation
import Testing

/// The direction of dependence, as the sources' imports have it.
@Suite struct ImportTests {
  /// What each module may import besides the system's.
  ///
  /// These are the modules below it, and the outside libraries it is there to know. A new module
  /// gets a line here.
  static let allowed: [String: Set<String>] = [
    "Files": [],
    "Boxes": [],
    "FixedPoint": [],
    "Suggestions": [],
    "Configurations": [],
    "Terminal": [],
    "Tensors": ["COpenBLAS", "CKernels", "RealModule"],
    "Autodiff": ["Tensors"],
    "ArchitectureSearch": ["RealModule", "Tensors"],
    "DroneWorlds": ["CKernels", "Configurations", "Tensors"],
    "Codecs": ["CKernels", "Files", "Tensors"],
    "Networks": ["Autodiff", "Boxes", "Codecs", "Configurations", "Suggestions", "Tensors"],
    "HDF5": ["CHDF5", "CZlib", "Files", "Suggestions"],
    "Datasets": [
      "Boxes", "CImages", "CZlib", "Configurations", "Crypto", "DroneWorlds", "Files", "HDF5",
      "Suggestions",
      "Tensors",
    ],
    "Checkpoints": ["CZlib", "Files", "HDF5", "Networks", "Suggestions", "Tensors"],
    "Splitting": ["Autodiff", "Configurations", "Networks", "Suggestions", "Tensors"],
    "Serving": ["Codecs", "Files", "Networks", "Splitting", "Tensors"],
    "TailSchema": ["GRPCCore", "GRPCProtobuf", "SwiftProtobuf"],
    "RemoteTails": [
      "Codecs", "Crypto", "Files", "GRPCCore", "GRPCNIOTransportHTTP2Posix", "GRPCProtobuf",
      "NIOCore", "NIOPosix", "Networks", "Serving", "Splitting", "SwiftProtobuf", "TailSchema",
      "Tensors",
    ],
    "Metrics": ["Boxes", "Tensors"],
    "Tasks": [
      "Autodiff", "Boxes", "Configurations", "Datasets", "Metrics", "Networks", "Suggestions",
      "Tensors",
    ],
    "EventSchema": ["SwiftProtobuf"],
    "EventLog": ["EventSchema", "Files", "SwiftProtobuf"],
    "Training": [
      "Autodiff", "Checkpoints", "Codecs", "Configurations", "Datasets", "EventLog", "Files",
      "Metrics", "Networks", "Splitting", "Suggestions", "Tasks", "Tensors",
    ],
    "Methods": [
      "ArchitectureSearch", "Autodiff", "Boxes", "Checkpoints", "Codecs", "Configurations",
      "Datasets", "DroneWorlds", "Files",
      "Metrics", "Networks", "Splitting", "Suggestions", "Tasks", "Tensors", "Training",
    ],
    "Benchmarks": [
      "Autodiff", "DroneWorlds", "Methods", "Networks", "Serving", "Splitting", "Tensors",
      "Training",
    ],
    "ONNXSchema": ["SwiftProtobuf"],
    "Export": [
      "Autodiff", "Boxes", "Codecs", "Crypto", "Files", "FixedPoint", "Networks", "ONNXSchema",
      "Suggestions", "SwiftProtobuf", "Tensors",
    ],
    "MessagePassing": ["CMPI", "Training"],
    "Plots": ["CImages"],
    "Reports": [
      "Metrics", "Networks", "Plots", "Splitting", "Tasks", "Terminal", "Training",
    ],
    "Recipes": [
      "Boxes", "Checkpoints", "Codecs", "Configurations", "Datasets", "DroneWorlds", "Export",
      "Files", "FixedPoint", "Methods", "Networks", "Plots", "RemoteTails", "Reports", "Serving",
      "Splitting", "Suggestions", "Tasks", "Tensors", "Training", "Yams",
    ],
    "Sweeps": [
      "Configurations", "Files", "Metrics", "Plots", "Recipes", "Reports", "Splitting",
      "Training",
    ],
    "cleave": [
      "ArgumentParser", "Benchmarks", "Checkpoints", "Codecs", "Configurations", "Datasets",
      "Export", "Files", "HDF5", "MessagePassing", "Networks", "Plots", "Recipes", "RemoteTails",
      "Reports", "Serving", "Splitting", "Suggestions", "Sweeps", "Tasks", "Tensors", "Terminal",
      "Training",
    ],
  ]

  /// Module maps and shim headers: no Swift.
  static let systemLibraries: Set<String> = [
    "CHDF5", "CImages", "CMPI", "COpenBLAS", "CKernels", "CZlib",
  ]

  /// What comes with Swift on Linux.
  static let standard: Set<String> = [
    "Dispatch", "Foundation", "FoundationEssentials", "FoundationNetworking", "Glibc",
    "Synchronization",
  ]

  /// Libraries only some modules may know, whatever else changes.
  @Test(arguments: [
    ("COpenBLAS", ["Tensors"]), ("CKernels", ["Tensors", "Codecs", "DroneWorlds"]),
    ("CHDF5", ["HDF5"]), ("CMPI", ["MessagePassing"]),
    ("Yams", ["Recipes"]),
    ("ArgumentParser", ["cleave"]), ("CImages", ["Datasets", "Plots"]),
    ("CZlib", ["Datasets", "Checkpoints", "HDF5"]),
    ("Crypto", ["Datasets", "Export", "RemoteTails"]),
    ("GRPCCore", ["RemoteTails", "TailSchema"]), ("NIOCore", ["RemoteTails"]),
    ("NIOPosix", ["RemoteTails"]),
    ("RealModule", ["Tensors", "ArchitectureSearch"]),
  ]) func onlySomeModulesKnowALibrary(library: String, modules: [String]) throws {
    let importing = Set(try Self.imports().filter { $0.imported == library }.map(\.module))
    #expect(importing.isSubset(of: modules))
    // Otherwise the rule would hold because the name is misspelt.
    #expect(importing.contains(modules[0]))
  }

  @Test func everyModuleImportsOnlyWhatLiesBelowIt() throws {
    let imports = try Self.imports()
    #expect(imports.count > 300)
    for line in imports {
      guard let allowed = Self.allowed[line.module] else { continue }
      #expect(
        allowed.contains(line.imported) || Self.standard.contains(line.imported),
        "\(line.file) imports \(line.imported)")
    }
  }

  @Test func everyModuleHasALineInTheTable() throws {
    let folders = try FileManager.default.contentsOfDirectory(atPath: Self.sources.path)
    #expect(Set(folders).subtracting(Self.allowed.keys).subtracting(Self.systemLibraries) == [])
    #expect(Self.systemLibraries.isSubset(of: folders))
    for folder in Self.systemLibraries { #expect(try Self.swiftFiles(of: folder).isEmpty) }
  }

  /// A table that allows a circle would allow anything.
  @Test func theTableHasNoCircles() {
    var settled = Self.systemLibraries
    var rest = Set(Self.allowed.keys)
    while let next = rest.first(where: { module in
      Self.allowed[module]?.allSatisfy { settled.contains($0) || Self.allowed[$0] == nil } ?? false
    }) {
      rest.remove(next)
      settled.insert(next)
    }
    #expect(rest == [])
  }

  @Test(
    arguments: [
      ("import Tensors", "Tensors"), ("public import Tensors", "Tensors"),
      ("  internal import Foundation  // why", "Foundation"),
      ("@preconcurrency import Crypto", "Crypto"), ("import struct Foundation.Data", "Foundation"),
      ("package import func Glibc.open", "Glibc"),
      ("// import Tensors", nil), ("let imported = 1", nil), ("important import it", nil),
    ] as [(String, String?)]) func importLinesAreRead(line: String, module: String?)
  {
    #expect(Self.module(importedBy: line) == module)
  }

  // MARK: - Reading

  struct Import {
    var module: String
    var file: String
    var imported: String
  }

  static let sources = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Sources")

  static func swiftFiles(of module: String) throws -> [String] {
    let folder = sources.appendingPathComponent(module).path
    return try FileManager.default.subpathsOfDirectory(atPath: folder)
      .filter { $0.hasSuffix(".swift") }.map { "\(module)/\($0)" }
  }

  static func imports() throws -> [Import] {
    try allowed.keys.sorted().flatMap { module -> [Import] in
      guard FileManager.default.fileExists(atPath: sources.appendingPathComponent(module).path)
      else { return [] }
      return try swiftFiles(of: module).flatMap { file in
        try String(contentsOf: sources.appendingPathComponent(file), encoding: .utf8)
          .split(separator: "\n")
          .compactMap { self.module(importedBy: String($0)) }
          .map { Import(module: module, file: file, imported: $0) }
      }
    }
  }

  static func module(importedBy line: String) -> String? {
    guard line.contains("import ") else { return nil }
    var words = line.split { $0 == " " || $0 == "\t" }[...]
    while let word = words.first, word.hasPrefix("@") || accessLevels.contains(word) {
      words.removeFirst()
    }
    guard words.popFirst() == "import" else { return nil }
    if let word = words.first, declarationKinds.contains(word) { words.removeFirst() }
    return words.first.map { String($0.prefix { $0 != "." }) }
  }

  private static let accessLevels: Set<Substring> = [
    "public", "package", "internal", "fileprivate", "private",
  ]
  private static let declarationKinds: Set<Substring> = [
    "actor", "class", "enum", "func", "let", "protocol", "struct", "typealias", "var",
  ]
}
