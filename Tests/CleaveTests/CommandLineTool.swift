import Foundation
import Testing

/// The `cleave` executable as a person or a script meets it: a process with arguments.
struct CommandLineTool {
  /// What a process that has ended left behind.
  struct Result: CustomTestStringConvertible {
    /// The exit status, or minus the signal that ended the process.
    let status: Int32
    let output: String
    let errors: String

    var testDescription: String { "status \(status)\n--- stdout\n\(output)\n--- stderr\n\(errors)" }

    /// The one JSON object that standard output must consist of.
    func object(sourceLocation: SourceLocation = #_sourceLocation) throws -> [String: Any] {
      let value = try? JSONSerialization.jsonObject(with: Data(output.utf8))
      return try #require(
        value as? [String: Any], "standard output is no JSON object:\n\(output)",
        sourceLocation: sourceLocation)
    }
  }

  /// A process that may still run.
  final class Execution {
    let pid: pid_t
    private let folder: TemporaryFolder

    fileprivate init(pid: pid_t, folder: TemporaryFolder) {
      self.pid = pid
      self.folder = folder
    }

    func send(_ signal: Int32) { kill(pid, signal) }

    /// Waits for the end; a process that takes two minutes is killed.
    func result() throws -> Result {
      var status: Int32 = 0
      let deadline = Date(timeIntervalSinceNow: 120)
      while waitpid(pid, &status, WNOHANG) == 0 {
        if Date() > deadline { kill(pid, SIGKILL) }
        usleep(2000)
      }
      let signal = status & 0x7f
      return Result(
        status: signal == 0 ? (status >> 8) & 0xff : -signal,
        output: try folder.text("stdout"), errors: try folder.text("stderr"))
    }
  }

  /// The folder commands run in; relative paths of arguments start here.
  let directory: String
  /// The program that starts the executable, and its arguments.
  var launcher: [String] = []
  /// Variables beside the few that are always set.
  var environment: [String: String] = [:]

  /// The executable beside that of the tests.
  private static var path: String {
    get throws {
      let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
      let path = NSString(string: tests).deletingLastPathComponent + "/cleave"
      try #require(
        FileManager.default.isExecutableFile(atPath: path), "there is no executable \(path)")
      return path
    }
  }

  /// Starts a command.
  ///
  /// - Parameter shell: commands of a shell that replaces itself by the executable afterwards.
  func start(_ arguments: [String], after shell: String? = nil) throws -> Execution {
    let folder = try TemporaryFolder()
    var variables = [
      "PATH": "/usr/bin:/bin", "HOME": directory, "LANG": "C.UTF-8",
      "CLEAVE_DATA": directory + "/data",
    ]
    variables.merge(environment) { $1 }
    let script = "cd \"$0\" && \(shell ?? ":") && exec \"$@\""
    let command =
      ["/bin/sh", "-c", script, directory] + launcher + [try CommandLineTool.path] + arguments

    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    for (descriptor, name) in [(Int32(1), "stdout"), (2, "stderr")] {
      posix_spawn_file_actions_addopen(
        &actions, descriptor, folder.path + "/" + name, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    }
    // The thread of a test may hold back signals, which a process would inherit.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    var argv = command.map { strdup($0) } + [nil]
    var envp = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for pointer in argv + envp { free(pointer) } }
    var pid: pid_t = 0
    let code = posix_spawn(&pid, command[0], &actions, &attributes, &argv, &envp)
    try #require(code == 0, "posix_spawn: \(String(cString: strerror(code)))")
    return Execution(pid: pid, folder: folder)
  }

  /// Runs a command to its end.
  func run(_ arguments: [String], after shell: String? = nil) throws -> Result {
    try start(arguments, after: shell).result()
  }

  /// Runs a command given as words with spaces between them.
  func callAsFunction(_ words: String) throws -> Result {
    try run(words.split(separator: " ").map(String.init))
  }
}

/// A folder of its own for one test, removed with everything in it.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "cleave-tests-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The command line, run in this folder.
  var cleave: CommandLineTool { CommandLineTool(directory: path) }

  func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)")))
  }

  func text(_ name: String) throws -> String { String(decoding: try bytes(name), as: UTF8.self) }

  func write(_ bytes: some Sequence<UInt8>, to name: String) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
  }

  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: "\(path)/\(name)") }

  /// The names in a folder, hidden ones included.
  func contents(_ name: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: "\(path)/\(name)").sorted()
  }
}
