internal import Foundation
internal import Splitting
internal import Synchronization
internal import Tensors

/// Computes the requests of many clients on one tail, those that wait together in one batch.
///
/// One thread computes. While it does, requests gather, and what can go together goes together: no
/// request waits for others unless a delay is asked for.
///
/// `@unchecked Sendable`: what changes is only touched with the condition's lock held.
final class DynamicBatcher: @unchecked Sendable {
  /// How requests are put together.
  struct Settings: Hashable, Sendable {
    /// The latents of one computation; 1 or less computes every request alone.
    var mostLatents = 256
    /// How long a request waits for others while nothing is computed.
    var delay: TimeSpan = .zero
    /// The latents that may wait.
    var queue = 8192
  }

  /// What was computed.
  enum Answer: Sendable {
    case answers(Tensor<Float>)
    case gradient(TailGradient)
  }

  private final class Job: Sendable {
    let latents: Tensor<Float>
    /// The true classes if a gradient is wanted.
    let labels: [Int32]?
    let deadline: ContinuousClock.Instant

    /// What was computed, and who waits for it.
    private struct State {
      var result: Result<Answer, any Error>?
      var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    init(_ latents: Tensor<Float>, labels: [Int32]?, deadline: ContinuousClock.Instant) {
      self.latents = latents
      self.labels = labels
      self.deadline = deadline
    }

    var count: Int { latents.shape[0] }

    /// Takes the result; only the first counts.
    func finish(_ result: Result<Answer, any Error>) {
      let waiter = state.withLock { state in
        guard state.result == nil else { return nil as CheckedContinuation<Void, Never>? }
        state.result = result
        defer { state.waiter = nil }
        return state.waiter
      }
      waiter?.resume()
    }

    /// Waits for the result.
    func answer() async throws -> Answer {
      await withCheckedContinuation { waiter in
        let isFinished = state.withLock { state in
          guard state.result == nil else { return true }
          state.waiter = waiter
          return false
        }
        if isFinished { waiter.resume() }
      }
      guard let result = state.withLock({ $0.result }) else { throw CancellationError() }
      return try result.get()
    }
  }

  private let tail: any Tail
  private let settings: Settings
  private let threads: ThreadPool
  private let computed: @Sendable (_ latents: Int) -> Void

  // All of these are guarded by the condition's lock.
  private let condition = NSCondition()
  private var jobs: [Job] = []
  private var waiting = 0
  private var isClosed = false

  /// - Parameter computed: is told the latents of every computation.
  init(
    _ tail: any Tail, _ settings: Settings, threads: ThreadPool,
    computed: @escaping @Sendable (_ latents: Int) -> Void = { _ in }
  ) {
    self.tail = tail
    self.settings = settings
    self.threads = threads
    self.computed = computed
    // The thread holds the batcher until it is closed.
    Thread.detachNewThread { self.work() }
  }

  /// The latents that wait.
  var waitingCount: Int { locked { waiting } }

  /// Computes what waits, and refuses what comes.
  func close() {
    locked {
      isClosed = true
      condition.broadcast()
    }
  }

  /// The answer to a batch.
  ///
  /// - Throws: ``ServiceRefusal`` if too many wait, the time is over or the batcher is closed;
  ///   `CancellationError`; what the tail throws.
  func answer(
    _ latents: Tensor<Float>, labels: [Int32]?, deadline: ContinuousClock.Instant
  ) async throws -> Answer {
    let job = Job(latents, labels: labels, deadline: deadline)
    try enqueue(job)
    return try await withTaskCancellationHandler {
      try await job.answer()
    } onCancel: {
      cancel(job)
    }
  }

  private func enqueue(_ job: Job) throws {
    let refusal: ServiceRefusal? = locked {
      if isClosed { return .closing }
      if waiting > 0, waiting + job.count > settings.queue {
        return .busy(waiting: waiting, retryAfter: .milliseconds(50))
      }
      jobs.append(job)
      waiting += job.count
      condition.signal()
      return nil
    }
    if let refusal { throw refusal }
  }

  /// Lets a job's caller go; what is being computed already goes nowhere.
  private func cancel(_ job: Job) {
    locked {
      guard let place = jobs.firstIndex(where: { $0 === job }) else { return }
      jobs.remove(at: place)
      waiting -= job.count
    }
    job.finish(.failure(CancellationError()))
  }

  private func locked<Result>(_ body: () -> Result) -> Result {
    condition.lock()
    defer { condition.unlock() }
    return body()
  }

  // MARK: - Computing

  private func work() {
    ThreadPool.$current.withValue(threads) {
      while let batch = next() { compute(batch) }
    }
  }

  /// The jobs to compute together; nil when closed and empty.
  private func next() -> [Job]? {
    condition.lock()
    defer { condition.unlock() }
    while jobs.isEmpty {
      if isClosed { return nil }
      condition.wait()
    }
    if settings.delay > .zero, jobs[0].labels == nil {
      let end = Date(timeIntervalSinceNow: settings.delay.seconds)
      while !isClosed, !jobs.isEmpty, batchLatents < settings.mostLatents {
        if !condition.wait(until: end) { break }
      }
      // All may have been cancelled meanwhile.
      if jobs.isEmpty { return [] }
    }
    let first = jobs.removeFirst()
    var batch = [first]
    if first.labels == nil {
      var count = first.count
      var place = 0
      while place < jobs.count, count < settings.mostLatents {
        guard jobs[place].labels == nil, count + jobs[place].count <= settings.mostLatents else {
          place += 1
          continue
        }
        count += jobs[place].count
        batch.append(jobs.remove(at: place))
      }
    }
    for job in batch { waiting -= job.count }
    return batch
  }

  private var batchLatents: Int {
    jobs.lazy.filter { $0.labels == nil }.reduce(0) { $0 + $1.count }
  }

  private func compute(_ batch: [Job]) {
    let now = ContinuousClock.now
    var live: [Job] = []
    for job in batch {
      if job.deadline < now {
        job.finish(.failure(ServiceRefusal.expired))
      } else {
        live.append(job)
      }
    }
    guard let first = live.first else { return }
    computed(live.reduce(0) { $0 + $1.count })
    do {
      if let labels = first.labels {
        first.finish(.success(.gradient(try tail.backward(first.latents, labels: labels))))
        return
      }
      guard live.count > 1 else {
        first.finish(.success(.answers(try tail.answers(first.latents))))
        return
      }
      let answers = try tail.answers(Tensor.joined(live.map(\.latents)))
      var begin = 0
      for job in live {
        job.finish(.success(.answers(answers.rows(begin..<begin + job.count))))
        begin += job.count
      }
    } catch {
      for job in live { job.finish(.failure(error)) }
    }
  }
}
