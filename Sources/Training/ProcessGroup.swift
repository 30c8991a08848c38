public import Autodiff
public import Datasets
internal import Foundation

/// Processes that train one network together, each on its share of every batch.
///
/// Every process makes the same calls in the same order. What keeps one of them from answering ends all
/// of them: a call returns once every process has made it, or not at all.
public protocol ProcessGroup: BatchReduction {
  /// Which process this is, counted from 0; the first writes the run.
  var rank: Int { get }

  /// How many there are.
  var count: Int { get }

  /// Begins to replace values by their sums over all processes, and returns; several may be under way.
  ///
  /// These sums are in an order of their own: one that a process begins earlier or later, beside other
  /// calls than the others, is still the same one.
  ///
  /// - Returns: waits until the values are sums; nobody uses them before that.
  func beginSum(of values: SharedValues) -> () -> Void

  /// What the first process gives, in every process.
  func broadcast(_ bytes: [UInt8]) -> [UInt8]

  /// Leaves the group at the end of a program, once every process does.
  func leave()

  /// Ends every process.
  func abort(status: Int32) -> Never
}

extension ProcessGroup {
  /// Whether this process writes the run and tells of it.
  public var isFirst: Bool { rank == 0 }

  /// The share of every batch that this process computes.
  public var share: BatchShare { BatchShare(rank, of: count) }

  /// Returns once every process has called it.
  public func wait() { _ = sum([0]) }

  /// Does in every process what may fail before they work together; fails in all if it does in one.
  ///
  /// - Throws: what the body throws, in the first process in which it does, and
  ///   ``TrainingError/endedElsewhere`` in the others.
  public func beginning<Value>(_ body: () throws -> Value) throws -> Value {
    let outcome = Result { try body() }
    var failed = [Double](repeating: 0, count: count)
    if case .failure = outcome { failed[rank] = 1 }
    guard let first = sum(failed).firstIndex(where: { $0 > 0 }) else { return try outcome.get() }
    if first == rank { return try outcome.get() }
    throw TrainingError.endedElsewhere
  }

  /// Figures that the first process computes, in all of them.
  func broadcast(_ body: () throws -> ValidationMetrics) throws -> ValidationMetrics {
    guard count > 1 else { return try body() }
    let mine = MetricsMessage(isFirst ? try body() : [:])
    let bytes = broadcast(Array(try JSONEncoder().encode(mine)))
    return try JSONDecoder().decode(MetricsMessage.self, from: Data(bytes)).metrics
  }
}

/// Metrics on their way to other processes; values as bits, since not every one has to be a number.
private struct MetricsMessage: Codable {
  let values: [String: UInt64?]
  let reasons: [String: String]

  init(_ metrics: ValidationMetrics) {
    values = metrics.values.mapValues { $0?.bitPattern }
    reasons = metrics.reasons
  }

  var metrics: ValidationMetrics {
    ValidationMetrics(
      values.mapValues { $0.map(Double.init(bitPattern:)) }, reasons: reasons)
  }
}

/// The group of a process that trains alone.
public struct SingleProcess: ProcessGroup {
  /// Creates the group.
  public init() {}

  /// 0.
  public var rank: Int { 0 }

  /// 1.
  public var count: Int { 1 }

  /// The values themselves.
  public func sum(_ values: [Double]) -> [Double] { values }

  /// Leaves the values as they are.
  public func beginSum(of values: SharedValues) -> () -> Void { {} }

  /// The bytes themselves.
  public func broadcast(_ bytes: [UInt8]) -> [UInt8] { bytes }

  /// Does nothing.
  public func leave() {}

  /// Ends this process.
  public func abort(status: Int32) -> Never { exit(status) }
}

/// What other processes have of a batch that everyone computes a part of.
struct WeightedReduction: BatchReduction {
  let base: any ProcessGroup
  let weight: Double

  func sum(_ values: [Double]) -> [Double] { base.sum(values.map { weight * $0 }) }
}

/// Values in one place, which a group may replace while other things are computed.
///
/// `@unchecked Sendable`: whoever has begun to sum them leaves them alone until that is finished, so that
/// no two threads use them at a time.
public final class SharedValues: @unchecked Sendable {
  /// The values.
  public let pointer: UnsafeMutableBufferPointer<Float>

  /// Creates as many values, all 0.
  public init(count: Int) {
    pointer = .allocate(capacity: count)
    pointer.initialize(repeating: 0)
  }

  deinit { pointer.deallocate() }
}
