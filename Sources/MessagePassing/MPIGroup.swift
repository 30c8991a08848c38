#if MPI
  internal import CMPI
  internal import Dispatch
  internal import Foundation
  internal import Training

  /// The processes that `mpirun` has started.
  ///
  /// One thread of each makes all calls of MPI, in the order in which they are asked for. It sleeps
  /// between looks at what is under way, so that waiting for others takes no processor from computing.
  final class MPIGroup: ProcessGroup {
    /// Which process this is.
    let rank: Int
    /// How many there are.
    let count: Int
    private let messenger: Messenger

    /// Joins the group.
    ///
    /// - Throws: ``MessagePassingError/start(status:)``.
    init() throws(MessagePassingError) {
      messenger = Messenger()
      (rank, count) = try messenger.start()
    }

    /// The sums over all processes.
    func sum(_ values: [Double]) -> [Double] {
      guard !values.isEmpty else { return [] }
      let place = UnsafeMutableBufferPointer<Double>.allocate(capacity: values.count)
      defer { place.deallocate() }
      _ = place.initialize(from: values)
      let errand = Errand(.doubles(place))
      messenger.send(errand)
      errand.wait()
      return Array(place)
    }

    /// Begins to replace values by their sums.
    func beginSum(of values: SharedValues) {
      let errand = Errand(.floats(values.pointer))
      messenger.keep(errand, for: values)
      messenger.send(errand)
    }

    /// Waits until values are sums.
    func finishSum(of values: SharedValues) { messenger.take(for: values)?.wait() }

    /// The bytes that the first process gives.
    func broadcast(_ bytes: [UInt8]) -> [UInt8] {
      let count = Int(sum([rank == 0 ? Double(bytes.count) : 0])[0])
      guard count > 0 else { return [] }
      let place = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: count)
      defer { place.deallocate() }
      if rank == 0 { _ = place.initialize(from: bytes) } else { place.initialize(repeating: 0) }
      let errand = Errand(.bytes(place))
      messenger.send(errand)
      errand.wait()
      return Array(place)
    }

    /// Leaves the group once every process does, at the end of a program.
    func leave() {
      let errand = Errand(.barrier)
      messenger.send(errand)
      errand.wait()
      let end = Errand(.end)
      messenger.send(end)
      end.wait()
    }

    /// Ends every process of the group.
    func abort(status: Int32) -> Never {
      messenger.send(Errand(.abort(status)))
      // The messenger ends this process.
      while true { Thread.sleep(forTimeInterval: 1) }
    }
  }

  /// Something a messenger does for another thread.
  private final class Errand: @unchecked Sendable {
    enum Kind {
      case floats(UnsafeMutableBufferPointer<Float>)
      case doubles(UnsafeMutableBufferPointer<Double>)
      case bytes(UnsafeMutableBufferPointer<UInt8>)
      case barrier
      case end
      case abort(Int32)
    }

    let kind: Kind
    // Of the messenger's thread alone.
    var request = cmpi_request()
    private let isDone = DispatchSemaphore(value: 0)

    init(_ kind: Kind) { self.kind = kind }

    func finish() { isDone.signal() }

    func wait() { isDone.wait() }
  }

  /// The thread that makes all calls of MPI.
  private final class Messenger: @unchecked Sendable {
    private let condition = NSCondition()
    private var waiting: [Errand] = []
    private var kept: [ObjectIdentifier: Errand] = [:]

    /// Starts MPI in a thread of its own.
    func start() throws(MessagePassingError) -> (rank: Int, count: Int) {
      let started = DispatchSemaphore(value: 0)
      let outcome = Place()
      let thread = Thread { [self] in
        outcome.status = cmpi_begin(&outcome.rank, &outcome.count)
        started.signal()
        if outcome.status == 0 { run() }
      }
      thread.name = "messages"
      thread.start()
      started.wait()
      guard outcome.status == 0 else { throw .start(status: outcome.status) }
      return (Int(outcome.rank), Int(outcome.count))
    }

    private final class Place: @unchecked Sendable {
      var status: Int32 = 0
      var rank: Int32 = 0
      var count: Int32 = 0
    }

    func send(_ errand: Errand) {
      condition.lock()
      waiting.append(errand)
      condition.signal()
      condition.unlock()
    }

    func keep(_ errand: Errand, for values: SharedValues) {
      condition.lock()
      kept[ObjectIdentifier(values)] = errand
      condition.unlock()
    }

    func take(for values: SharedValues) -> Errand? {
      condition.lock()
      defer { condition.unlock() }
      return kept.removeValue(forKey: ObjectIdentifier(values))
    }

    /// What has been asked for since the last call; waits for something if nothing is under way.
    private func next(waits: Bool) -> [Errand] {
      condition.lock()
      defer { condition.unlock() }
      while waits, waiting.isEmpty { condition.wait() }
      defer { waiting = [] }
      return waiting
    }

    private func run() {
      var underWay: [Errand] = []
      var idle = 0
      while true {
        for errand in next(waits: underWay.isEmpty) {
          if case .end = errand.kind {
            cmpi_end()
            return errand.finish()
          }
          begin(errand)
          underWay.append(errand)
          idle = 0
        }
        let before = underWay.count
        underWay.removeAll { errand in
          var isDone: Int32 = 0
          guard cmpi_test(&errand.request, &isDone) == 0, isDone != 0 else { return false }
          errand.finish()
          return true
        }
        idle = underWay.count < before ? 0 : idle + 1
        // At first only to let others run, then for longer: up to a fifth of a millisecond.
        if idle < 16 { sched_yield() } else { usleep(UInt32(min(200, 4 * (idle - 15)))) }
      }
    }

    private func begin(_ errand: Errand) {
      switch errand.kind {
      case .floats(let values):
        _ = cmpi_begin_sum_float(values.baseAddress, Int32(values.count), &errand.request)
      case .doubles(let values):
        _ = cmpi_begin_sum_double(values.baseAddress, Int32(values.count), &errand.request)
      case .bytes(let bytes):
        _ = cmpi_begin_broadcast(bytes.baseAddress, Int32(bytes.count), &errand.request)
      case .barrier: _ = cmpi_begin_barrier(&errand.request)
      case .abort(let status): cmpi_abort(status)
      case .end: break
      }
    }
  }
#endif
