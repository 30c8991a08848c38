public import Foundation

/// The Python that checks what the project writes: `$CLEAVE_PYTHON`, or `python3`.
public enum Python {
  /// What a process that has ended left behind.
  public struct Result: Sendable {
    /// Its exit status.
    public let status: Int32
    /// What it wrote to standard output.
    public let output: Data
    /// What it wrote to standard error.
    public let errors: Data
  }

  /// Whether the modules can be imported.
  public static func canImport(_ modules: String) -> Bool {
    (try? run(["-c", "import \(modules)"]))?.status == 0
  }

  /// Runs the interpreter to its end.
  public static func run(_ arguments: [String]) throws -> Result {
    let python = ProcessInfo.processInfo.environment["CLEAVE_PYTHON"] ?? "python3"
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "cleave-python-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [python] + arguments
    // Files, as a pipe that nobody reads would hold the process up.
    let files = ["output", "errors"].map { folder.appending(path: $0) }
    for file in files { try Data().write(to: file) }
    process.standardOutput = try FileHandle(forWritingTo: files[0])
    process.standardError = try FileHandle(forWritingTo: files[1])
    try process.run()
    process.waitUntilExit()
    return Result(
      status: process.terminationStatus, output: try Data(contentsOf: files[0]),
      errors: try Data(contentsOf: files[1]))
  }
}
