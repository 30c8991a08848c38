import Foundation
import Tensors
import Testing

/// The restart that has OpenBLAS use AVX-512 where it does not see it.
@Suite struct KernelChoiceTests {
  /// The value of OPENBLAS_CORETYPE in a running command, and whether the command then works.
  private func coreType(_ environment: [String: String]) throws -> String? {
    let folder = try TemporaryFolder()
    // Reading a recipe from a pipe holds the command until something is written.
    let pipe = folder.path + "/recipe.yaml"
    try #require(mkfifo(pipe, 0o600) == 0)
    var cleave = folder.cleave
    cleave.environment = environment
    let execution = try cleave.start(["validate", "recipe.yaml"])
    // Opening waits for the reader, which is there after any restart.
    let writer = try #require(FileHandle(forWritingAtPath: pipe))
    let variables = try Data(contentsOf: URL(fileURLWithPath: "/proc/\(execution.pid)/environ"))
    try writer.write(contentsOf: Data(TinyTraining.shapes.utf8))
    try writer.close()
    let result = try execution.result()
    #expect(result.status == 0, "\(result.testDescription)")
    #expect(result.output == "recipe.yaml is a valid recipe for supervised.\n")
    #expect(result.errors.isEmpty)
    let prefix = "OPENBLAS_CORETYPE="
    return String(decoding: variables, as: UTF8.self).split(separator: "\0")
      .first { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
  }

  /// The name of the core is only OpenBLAS's own choice where nobody has overridden it.
  @Test(.enabled(if: getenv("OPENBLAS_CORETYPE") == nil))
  func fasterKernelsAreUsedWhereThereAreAny() throws {
    let flags =
      try String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
      .split(separator: "\n").first { $0.hasPrefix("flags") }?
      .split(separator: " ").map(String.init) ?? []
    let hasAVX512 = Set(flags).isSuperset(of: ["avx512f", "avx512dq", "avx512bw", "avx512vl"])
    let isUnknown = ["Haswell", "Zen"].contains(BLASLibrary.coreName)
    #expect(try coreType([:]) == (hasAVX512 && isUnknown ? "SkylakeX" : nil))
  }

  @Test func theRestartCanBeTurnedOff() throws {
    #expect(try coreType(["CLEAVE_NO_REEXEC": "1"]) == nil)
    #expect(try coreType(["OPENBLAS_CORETYPE": "Haswell"]) == "Haswell")
  }
}
