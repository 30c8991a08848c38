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

    /// Lets the messenger do something.
    ///
    /// - Returns: waits until it is done.
    private func begin(_ kind: Errand.Kind) -> () -> Void {
      let errand = Errand(kind)
      messenger.send(errand)
      return { errand.wait() }
    }

    /// The sums over all processes.
    func sum(_ values: [Double]) -> [Double] {
      let place = UnsafeMutableBufferPointer<Double>.allocate(capacity: values.count)
      defer { place.deallocate() }
      _ = place.initialize(from: values)
      begin(.doubles(place))()
      return Array(place)
    }

    /// Begins to replace values by their sums.
    func beginSum(of values: SharedValues) -> () -> Void { begin(.floats(values.pointer)) }

    /// The bytes that the first process gives.
    func broadcast(_ bytes: [UInt8]) -> [UInt8] {
      let count = Int(sum([rank == 0 ? Double(bytes.count) : 0])[0])
      let place = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: count)
      defer { place.deallocate() }
      if rank == 0 { _ = place.initialize(from: bytes) } else { place.initialize(repeating: 0) }
      begin(.bytes(place))()
      return Array(place)
    }

    /// Leaves the group once every process does, at the end of a program.
    func leave() {
      begin(.barrier)()
      begin(.end)()
    }

    /// Ends every process of the group.
    func abort(status: Int32) -> Never {
      _ = begin(.abort(status))
      // The messenger ends this process.
      while true { Thread.sleep(forTimeInterval: 1) }
    }
  }

  /// Something a messenger does for another thread.
  ///
  /// `@unchecked Sendable`: the request is of the messenger's thread alone, and whoever waits leaves the
  /// values alone until then.
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
    var request = cmpi_request()
    private let isDone = DispatchSemaphore(value: 0)

    init(_ kind: Kind) { self.kind = kind }

    func finish() { isDone.signal() }

    func wait() { isDone.wait() }
  }

  /// The thread that makes all calls of MPI.
  ///
  /// `@unchecked Sendable`: what waits is only touched with the condition's lock held.
  private final class Messenger: @unchecked Sendable {
    private let condition = NSCondition()
    private var waiting: [Errand] = []

    /// Starts MPI in a thread of its own.
    func start() throws(MessagePassingError) -> (rank: Int, count: Int) {
      let started = DispatchSemaphore(value: 0)
      let outcome = Place()
      let thread = Thread { [self] in
        var group = cmpi_group()
        outcome.status = cmpi_begin(&group, &outcome.rank, &outcome.count)
        started.signal()
        if outcome.status == 0 { run(group) }
      }
      thread.name = "messages"
      thread.start()
      started.wait()
      guard outcome.status == 0 else { throw .start(status: outcome.status) }
      return (Int(outcome.rank), Int(outcome.count))
    }

    /// What starting came to.
    ///
    /// `@unchecked Sendable`: read once the thread that writes it has signalled.
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

    /// What has been asked for since the last call; waits for something if nothing is under way.
    private func next(waits: Bool) -> [Errand] {
      condition.lock()
      defer { condition.unlock() }
      while waits, waiting.isEmpty { condition.wait() }
      defer { waiting = [] }
      return waiting
    }

    private func run(_ group: cmpi_group) {
      var underWay: [Errand] = []
      var idle = 0
      while true {
        for errand in next(waits: underWay.isEmpty) {
          if case .end = errand.kind {
            cmpi_end()
            return errand.finish()
          }
          begin(errand, group)
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

    private func begin(_ errand: Errand, _ group: cmpi_group) {
      var group = group
      switch errand.kind {
      case .floats(let values):
        _ = cmpi_begin_sum_float(
          &group, values.baseAddress, Int32(values.count), &errand.request)
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
