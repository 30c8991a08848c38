#if GRPC
  internal import NIOCore
  internal import NIOPosix

  /// Runs tasks on the threads that the connections are on.
  ///
  /// What a connection wakes runs where its bytes are, in the same processor's cache, and no other thread
  /// has to be woken for every piece of a message: a third of what a batch costs on its way otherwise. So
  /// nothing here may take long; what does, computing and decoding, has threads elsewhere.
  final class EventLoopExecutor: TaskExecutor {
    /// The executor of all connections of this process.
    static let shared = EventLoopExecutor()

    /// The threads.
    let group = MultiThreadedEventLoopGroup.singleton

    private init() {}

    func enqueue(_ job: consuming ExecutorJob) {
      let job = UnownedJob(job)
      // The loop that this is called on if it is one, and any if not.
      group.any().execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
  }
#endif
