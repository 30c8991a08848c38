internal import COpenBLAS
internal import Glibc
internal import Synchronization

/// A fixed set of threads that share the chunks of a loop.
///
/// How a loop is divided depends only on its length and ``threadCount``, never on which threads
/// happen to be free, so that a computation repeats bit for bit. A loop started while the pool is
/// busy (inside another loop, or on another thread) runs its chunks in the calling thread.
public final class ThreadPool: Sendable {
  /// The pool that kernels use in the current task: as many threads as the process may run on,
  /// unless ``$current`` binds another one.
  @TaskLocal public static var current = ThreadPool(threadCount: availableProcessors)

  /// The number of processors that are online.
  public static var availableProcessors: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

  /// The number of threads that share a loop, the calling one included.
  public let threadCount: Int

  private let crew: Crew

  /// Creates a pool; its threads sleep while there is no loop to share.
  ///
  /// - Precondition: at least one thread.
  public init(threadCount: Int) {
    precondition(threadCount >= 1, "ThreadPool: \(threadCount) threads")
    self.threadCount = threadCount
    // Loops are shared here, so BLAS must not start threads of its own inside one.
    openblas_set_num_threads(1)
    crew = Crew()
    for index in 1..<max(threadCount, 1) {
      let worker = Worker(crew: crew, index: index)
      var thread = pthread_t()
      let context = Unmanaged.passRetained(worker).toOpaque()
      let status = pthread_create(&thread, nil, runWorker, context)
      precondition(status == 0, "ThreadPool: pthread_create failed with status \(status)")
      pthread_detach(thread)
    }
  }

  deinit { crew.stop() }

  /// The ranges a loop of a length is divided into: at most ``threadCount``, near-equal, each at
  /// least `grain` long where the length allows.
  package func chunks(of count: Int, grain: Int = 1) -> [Range<Int>] {
    guard count > 0 else { return [] }
    let parts = max(1, min(threadCount, count / max(grain, 1)))
    return (0..<parts).map { count * $0 / parts..<count * ($0 + 1) / parts }
  }

  /// Runs a body once for each chunk of `0..<count`, chunks in parallel, and waits for all.
  ///
  /// - Parameters:
  ///   - grain: the smallest chunk worth a thread, in iterations.
  ///   - body: called with the chunk's range; chunks must write to disjoint memory.
  package func forEachChunk(of count: Int, grain: Int = 1, _ body: (Range<Int>) -> Void) {
    let parts = count <= 0 ? 0 : max(1, min(threadCount, count / max(grain, 1)))
    if parts <= 1 {
      if count > 0 { body(0..<count) }
      return
    }
    forEach(parts) { part in body(count * part / parts..<count * (part + 1) / parts) }
  }

  /// Runs a body once for each index of `0..<count`, in parallel, and waits for all.
  ///
  /// - Parameter body: calls for different indices must write to disjoint memory.
  package func forEach(_ count: Int, _ body: (Int) -> Void) {
    guard count > 1, threadCount > 1, crew.begin() else {
      for index in 0..<max(count, 0) { body(index) }
      return
    }
    withoutActuallyEscaping(body) { body in
      crew.run(count: count, body)
    }
    crew.end()
  }
}

/// A worker thread's entry: runs jobs until the crew stops.
private func runWorker(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let context else { return nil }
  let worker = Unmanaged<Worker>.fromOpaque(context).takeRetainedValue()
  worker.crew.work()
  return nil
}

private final class Worker: Sendable {
  let crew: Crew
  let index: Int

  init(crew: Crew, index: Int) {
    self.crew = crew
    self.index = index
  }
}

/// The state the threads of a pool share.
///
/// `@unchecked Sendable`: `body` and `count` are written only by the thread that won `begin()`,
/// while `pending` is zero and before the generation is published with release ordering; workers
/// read them after acquiring the generation and announce the end of their reads through `active`.
private final class Crew: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private let busy = Atomic(false)
  /// Even while no job is open to workers, odd while one is; a larger number is a later state.
  private let generation = Atomic(0)
  private let active = Atomic(0)
  private let nextIndex = Atomic(0)
  private let finished = Atomic(0)
  private let stopping = Atomic(false)
  private var sleepers = 0
  private var count = 0
  private var body: ((Int) -> Void)?

  /// How often a waiting thread looks again before it sleeps; about 20 microseconds.
  private let spins = 4000

  init() {
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(condition, nil)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    pthread_cond_destroy(condition)
    mutex.deallocate()
    condition.deallocate()
  }

  /// Claims the crew for one loop; false if it is busy with another.
  func begin() -> Bool {
    busy.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged
  }

  /// Gives the crew free.
  func end() { busy.store(false, ordering: .releasing) }

  /// Shares the indices of a loop with the workers and waits until every one is done.
  func run(count: Int, _ body: @escaping (Int) -> Void) {
    self.body = body
    self.count = count
    nextIndex.store(0, ordering: .relaxed)
    finished.store(0, ordering: .relaxed)
    generation.add(1, ordering: .sequentiallyConsistent)
    pthread_mutex_lock(mutex)
    if sleepers > 0 { pthread_cond_broadcast(condition) }
    pthread_mutex_unlock(mutex)

    takeIndices(body, count)
    var spin = 0
    while finished.load(ordering: .acquiring) < count { pause(&spin) }
    // Close the job, then wait for workers that are still leaving it before its state is reused.
    generation.add(1, ordering: .sequentiallyConsistent)
    while active.load(ordering: .sequentiallyConsistent) > 0 { pause(&spin) }
    self.body = nil
  }

  private func pause(_ spin: inout Int) {
    spin += 1
    if spin % 1024 == 0 { sched_yield() }
  }

  private func takeIndices(_ body: (Int) -> Void, _ count: Int) {
    while true {
      let index = nextIndex.add(1, ordering: .relaxed).oldValue
      guard index < count else { return }
      body(index)
      finished.add(1, ordering: .releasing)
    }
  }

  /// A worker's life: join each open job, sleep when there has been none for a while.
  func work() {
    var seen = 0
    var idle = 0
    while !stopping.load(ordering: .relaxed) {
      let current = generation.load(ordering: .acquiring)
      if current % 2 == 1, current != seen {
        seen = current
        idle = 0
        active.add(1, ordering: .sequentiallyConsistent)
        // The job may have closed in between; its state is only safe to read while it is open.
        if generation.load(ordering: .sequentiallyConsistent) == current, let body {
          takeIndices(body, count)
        }
        active.subtract(1, ordering: .sequentiallyConsistent)
        continue
      }
      idle += 1
      if idle < spins { continue }
      idle = 0
      pthread_mutex_lock(mutex)
      sleepers += 1
      while generation.load(ordering: .acquiring) == current, !stopping.load(ordering: .relaxed) {
        pthread_cond_wait(condition, mutex)
      }
      sleepers -= 1
      pthread_mutex_unlock(mutex)
    }
  }

  /// Lets the workers end; they wake up and leave.
  func stop() {
    pthread_mutex_lock(mutex)
    stopping.store(true, ordering: .relaxed)
    pthread_cond_broadcast(condition)
    pthread_mutex_unlock(mutex)
  }
}
