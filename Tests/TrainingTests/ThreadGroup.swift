import Foundation
import Tensors
import Training

/// Threads that train together as processes would.
final class ThreadGroup: @unchecked Sendable {
  let count: Int
  private let condition = NSCondition()
  // All guarded by the condition.
  private var given: [Int: [Double]] = [:]
  private var result: [Double] = []
  /// How many have yet to take the result.
  private var left = 0

  init(_ count: Int) { self.count = count }

  /// Runs a body in every member.
  func run<Value>(_ body: @escaping @Sendable (Member) throws -> Value) throws -> [Value] {
    let results = Results<Value>(count)
    let threads = (0..<count).map { rank in
      Thread {
        let pool = ThreadPool(threadCount: 1)
        results.values[rank] = ThreadPool.$current.withValue(pool) {
          Result { try body(Member(group: self, rank: rank)) }
        }
        results.done.signal()
      }
    }
    for thread in threads {
      thread.stackSize = 16 << 20
      thread.start()
    }
    for _ in threads { results.done.wait() }
    return try results.values.compactMap { try $0?.get() }
  }

  private final class Results<Value>: @unchecked Sendable {
    let values: UnsafeMutableBufferPointer<Result<Value, any Error>?>
    let done = DispatchSemaphore(value: 0)

    init(_ count: Int) {
      values = .allocate(capacity: count)
      values.initialize(repeating: nil)
    }

    deinit {
      values.deinitialize()
      values.deallocate()
    }
  }

  /// What all give, put together in the order of their ranks.
  fileprivate func exchange(
    _ rank: Int, _ values: [Double], _ combine: ([[Double]]) -> [Double]
  ) -> [Double] {
    condition.lock()
    defer { condition.unlock() }
    while left > 0 { condition.wait() }
    given[rank] = values
    if given.count == count {
      result = combine((0..<count).compactMap { given[$0] })
      given = [:]
      left = count
      condition.broadcast()
    } else {
      while left == 0 { condition.wait() }
    }
    left -= 1
    if left == 0 { condition.broadcast() }
    return result
  }

  struct Member: ProcessGroup {
    let group: ThreadGroup
    let rank: Int

    var count: Int { group.count }

    func sum(_ values: [Double]) -> [Double] {
      group.exchange(rank, values) { all in
        all.dropFirst().reduce(all[0]) { zip($0, $1).map { $0 + $1 } }
      }
    }

    func beginSum(of values: SharedValues) -> () -> Void {
      for (index, sum) in sum(values.pointer.map(Double.init)).enumerated() {
        values.pointer[index] = Float(sum)
      }
      return {}
    }

    func broadcast(_ bytes: [UInt8]) -> [UInt8] {
      group.exchange(rank, bytes.map(Double.init)) { $0[0] }.map { UInt8($0) }
    }

    func leave() {}

    func abort(status: Int32) -> Never { fatalError("a member of a test ends all") }
  }
}
