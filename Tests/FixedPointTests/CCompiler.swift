import Foundation

/// The C compiler of the machine, for files the tests write.
struct CCompiler {
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  static let strict = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic"]
  static let strictest =
    strict + ["-Wconversion", "-Wsign-conversion", "-Wshadow", "-Wmissing-prototypes"]
  static let sanitizers = ["-fsanitize=undefined,address", "-fno-sanitize-recover=all"]

  let path: String

  /// Nil where there is none.
  init?(_ name: String = "cc") {
    guard let path = CCompiler.tool(name) else { return nil }
    self.path = path
  }

  /// Where a program is.
  static func tool(_ name: String) -> String? {
    let folders = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin"
    return folders.split(separator: ":").map { "\($0)/\(name)" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  /// Whether programs with sanitizers can be built and run.
  static let hasSanitizers: Bool = {
    guard let compiler = CCompiler() else { return false }
    return
      (try? CCompiler.withFolder { folder in
        let program = try compiler.compile("int main(void) { return 0; }", sanitizers, in: folder)
        return try CCompiler.run(program, []).isEmpty
      }) ?? false
  }()

  static func withFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "fixedpoint-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder)
  }

  /// Compiles a file and returns what became of it.
  func compile(_ source: String, _ options: [String], in folder: URL) throws -> String {
    let file = folder.appending(path: "\(UUID().uuidString).c")
    try Data(source.utf8).write(to: file)
    let result = file.path + ".out"
    _ = try CCompiler.run(path, options + ["-o", result, file.path])
    return result
  }

  /// What a program writes, given some input.
  static func run(_ path: String, _ arguments: [String], input: Data = Data()) throws -> Data {
    try withFolder { folder in
      let source = folder.appending(path: "in")
      let output = folder.appending(path: "out")
      let errors = folder.appending(path: "err")
      for (file, data) in [(source, input), (output, Data()), (errors, Data())] {
        try data.write(to: file)
      }
      let process = Process()
      process.executableURL = URL(fileURLWithPath: path)
      process.arguments = arguments
      process.standardInput = try FileHandle(forReadingFrom: source)
      process.standardOutput = try FileHandle(forWritingTo: output)
      process.standardError = try FileHandle(forWritingTo: errors)
      try process.run()
      process.waitUntilExit()
      guard process.terminationReason == .exit, process.terminationStatus == 0 else {
        let text = String(decoding: try Data(contentsOf: errors), as: UTF8.self)
        throw Failure(
          description: "\(path) \(arguments): status \(process.terminationStatus)\n\(text)")
      }
      return try Data(contentsOf: output)
    }
  }
}
