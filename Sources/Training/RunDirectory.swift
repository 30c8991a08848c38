internal import Checkpoints
internal import Files
internal import Foundation
internal import Glibc

/// The folder a run is written to: the resolved recipe, metrics, checkpoints and the report.
///
/// Every file but the metrics is written beside its place and renamed, so that each is whole at
/// any time.
public struct RunDirectory: Sendable {
  /// The checkpoints of a run.
  public enum Kind: String, Sendable {
    /// The state to go on from.
    case last
    /// The best epoch.
    case best
  }

  /// The name of the training state among a checkpoint's documents.
  static let stateDocument = "training_state"

  /// The folder.
  public let path: String

  /// Names a folder; nothing is read or written.
  public init(_ path: String) { self.path = path }

  /// The file of a checkpoint.
  public func path(of kind: Kind) -> String { "\(path)/\(kind.rawValue).h5" }

  /// The file of the resolved recipe.
  public var recipePath: String { "\(path)/recipe.yaml" }

  /// The file of the final report.
  public var reportPath: String { "\(path)/report.json" }

  /// The file of the report as a page for people.
  public var pagePath: String { "\(path)/report.html" }

  /// The file of what the method has chosen, if it chooses anything.
  public var choicePath: String { "\(path)/choice.json" }

  /// The file with a line for each epoch.
  public var metricsPath: String { "\(path)/metrics.jsonl" }

  /// Whether there is a state to go on from.
  public var hasLast: Bool { FileManager.default.fileExists(atPath: path(of: .last)) }

  /// Whether there is a best epoch.
  public var hasBest: Bool { FileManager.default.fileExists(atPath: path(of: .best)) }

  /// Whether there is a recipe.
  public var hasRecipe: Bool { FileManager.default.fileExists(atPath: recipePath) }

  /// Whether the run has been measured.
  public var hasReport: Bool { FileManager.default.fileExists(atPath: reportPath) }

  /// What the method has chosen; nil if nothing.
  ///
  /// - Throws: what keeps the file from being read.
  public func choice() throws -> String? {
    guard FileManager.default.fileExists(atPath: choicePath) else { return nil }
    return try TextFile.read(choicePath)
  }

  /// Recipe and files that the saved state of the run was trained with; nil without a state, or if it
  /// does not tell.
  ///
  /// - Throws: ``TrainingError/incompatibleState(file:reason:)``, or what keeps the file from being read.
  public func savedOrigins() throws -> RunOrigins? {
    guard hasLast else { return nil }
    let file = path(of: .last)
    guard let document = try Checkpoint.read(file).documents[Self.stateDocument] else { return nil }
    do { return try TrainingState(document: document).origins } catch {
      throw TrainingError.incompatibleState(file: file, reason: DecodingFlaw.words(error))
    }
  }

  /// Makes the folder and checks that it can be written to.
  ///
  /// - Throws: ``RunDirectoryError`` if it cannot be made or written, or holds something that is
  ///   no run.
  public func create() throws(RunDirectoryError) {
    do throws(FileError) {
      try Folder.create(path)
    } catch { throw .unwritable(path: path, reason: error.reason) }
    guard access(path, W_OK | X_OK) == 0 else {
      throw .unwritable(path: path, reason: SystemReason.last)
    }
    let entries = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    if !entries.isEmpty, !hasRecipe { throw .notARun(path: path) }
  }

  /// Writes a small file whole: beside its place, synced, renamed.
  ///
  /// - Throws: ``RunDirectoryError`` if it cannot be written; the old file is left as it was.
  public func write(_ text: String, to file: String) throws(RunDirectoryError) {
    do throws(FileError) {
      try AtomicFile.write(text.utf8, to: file)
    } catch {
      throw .unwritable(path: error.path, reason: error.reason)
    }
  }

  /// Replaces the metrics by those of finished epochs, as a resumed run has to.
  func rewriteMetrics(_ history: [EpochRecord]) throws {
    try write(try history.map(line).joined(), to: metricsPath)
  }

  /// The lines of the metrics; none without a file.
  ///
  /// - Throws: what keeps the file from being read.
  public func history() throws -> [EpochRecord] {
    guard FileManager.default.fileExists(atPath: metricsPath) else { return [] }
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return try TextFile.read(metricsPath).split(separator: "\n").enumerated().map {
      do { return try decoder.decode(EpochRecord.self, from: Data($1.utf8)) } catch {
        throw RunDirectoryError.damaged(
          path: metricsPath, reason: "line \($0 + 1): \(DecodingFlaw.words(error))")
      }
    }
  }

  /// The final report as a value of some kind.
  ///
  /// - Throws: ``RunDirectoryError`` if it cannot be read or holds something else.
  public func report<Value: Decodable>(as _: Value.Type) throws(RunDirectoryError) -> Value {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    var data = Data()
    do {
      data = Data(try WholeFile.read(reportPath))
      return try decoder.decode(Value.self, from: data)
    } catch {
      throw .damaged(path: reportPath, reason: DecodingFlaw.words(error, in: data))
    }
  }

  /// Adds a line to the metrics.
  func append(_ record: EpochRecord) throws {
    let line = try line(record)
    guard let handle = FileHandle(forWritingAtPath: metricsPath) else {
      throw RunDirectoryError.unwritable(path: metricsPath, reason: SystemReason.last)
    }
    defer { try? handle.close() }
    do {
      try handle.seekToEnd()
      try handle.write(contentsOf: Data(line.utf8))
    } catch {
      throw RunDirectoryError.unwritable(path: metricsPath, reason: SystemReason.of(error))
    }
  }

  private func line(_ record: EpochRecord) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return String(decoding: try encoder.encode(record), as: UTF8.self) + "\n"
  }
}

/// Why a run cannot be written where it should be.
public enum RunDirectoryError: Error, Equatable, CustomStringConvertible {
  /// The folder or a file in it cannot be written.
  case unwritable(path: String, reason: String)
  /// A file of the run cannot be read.
  case damaged(path: String, reason: String)
  /// The folder holds other things.
  case notARun(path: String)
  /// The folder holds the run of another recipe.
  case otherRecipe(path: String, differences: [String])
  /// The folder already holds this recipe's run.
  case alreadyThere(path: String)
  /// There is no run to go on with or to evaluate.
  case noRun(path: String)

  /// What is wrong and what to do.
  public var description: String {
    switch self {
    case .unwritable(let path, let reason): "\(path) cannot be written: \(reason)"
    case .damaged(let path, let reason): "\(path) cannot be read: \(reason)"
    case .notARun(let path):
      "\(path) is not empty and holds no run; choose another --output"
    case .otherRecipe(let path, let differences):
      "\(path) holds the run of another recipe; choose another --output. They differ in:\n"
        + differences.map { "  \($0)" }.joined(separator: "\n")
    case .alreadyThere(let path):
      "\(path) already holds this run; continue it with --resume \(path), "
        + "or choose another --output"
    case .noRun(let path): "\(path) holds no run"
    }
  }
}
