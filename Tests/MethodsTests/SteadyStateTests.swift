import Checkpoints
import Datasets
import Foundation
import Methods
import Synchronization
import Tensors
import Testing
import Training

/// After its first steps, training takes no more memory from the system.
///
/// The buffer pool is the process's, and other tests run beside this one: each run is a process of
/// its own.
@Suite struct SteadyStateTests {
  /// Notes after each step how often the pool has had to take new memory.
  final class PoolObserver: TrainingObserver {
    let allocations = Mutex<[Int]>([])

    func progressed(_ task: String, unit: String, done: Int, of total: Int) {}
    func stepped(_ progress: StepProgress) {
      // Lets the thread that prepares batches get as far ahead as it may.
      if progress.batch <= 2 { usleep(100_000) }
      let count = BufferPool.process.statistics.allocations
      allocations.withLock { $0.append(count) }
    }
    func finishedEpoch(_ record: EpochRecord) {}
    func noted(_ message: String) {}
  }

  /// Trains for ten full batches and checks that steps 4 to 10 needed no new memory.
  ///
  /// Where threads run beside each other, how many buffers of a size are in use at once depends on
  /// their timing: the most may be reached late, so that a few more are allowed, but far fewer than
  /// one a step for each of the hundreds of tensors in it.
  static func train(
    threads: Int, allowing growth: Int,
    _ make: (Workbench, MethodSetting) throws -> any Training.Method
  ) throws {
    var bench = try Workbench()
    bench.data.dataset.samples = 100
    bench.network = NetworkConfiguration(architecture: "resnet8", input: bench.transform)
    bench.training = TrainingConfiguration(epochs: 1, batchSize: 8)
    let observer = PoolObserver()
    let setting = MethodSetting(
      data: bench.setting.data, network: bench.network, training: bench.training,
      link: bench.link, seed: 1, temporaryDirectory: bench.folder.path, observer: observer)
    let directory = RunDirectory(bench.folder.file("run"))
    try directory.create()
    let trainer = Trainer(
      try make(bench, setting), setting: setting, directory: directory, provenance: Provenance())
    _ = try ThreadPool.$current.withValue(ThreadPool(threadCount: threads)) {
      try trainer.run(resumes: false)
    }
    let counts = observer.allocations.withLock { $0 }
    try #require(counts.count >= 10 && counts[2] > 10)
    #expect(
      counts[9] - counts[2] <= growth, "memory taken until the end of each step: \(counts)")
  }

  @Test func aStepOfSALTTakesNoNewMemory() async {
    await #expect(processExitsWith: .success) {
      try SteadyStateTests.train(threads: 1, allowing: 0) { bench, setting in
        try SALT(SALTConfiguration(), setting, setup: bench.setup())
      }
    }
    await #expect(processExitsWith: .success) {
      try SteadyStateTests.train(threads: 2, allowing: 3) { bench, setting in
        try SALT(SALTConfiguration(), setting, setup: bench.setup())
      }
    }
  }

  /// Here a thread that prepares batches runs beside the one that trains.
  @Test func aSupervisedStepTakesNoNewMemory() async {
    await #expect(processExitsWith: .success) {
      try SteadyStateTests.train(threads: 1, allowing: 3) { _, setting in
        try Supervised(SupervisedConfiguration(), setting)
      }
    }
  }
}
