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
  static func train(
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
    _ = try Trainer(
      try make(bench, setting), setting: setting, directory: directory, provenance: .init()
    ).run(resumes: false)
    let counts = observer.allocations.withLock { $0 }
    try #require(counts.count >= 10 && counts[2] > 10)
    #expect(counts[9] == counts[2], "memory taken until the end of each step: \(counts)")
  }

  @Test func aStepOfSALTTakesNoNewMemory() async {
    await #expect(processExitsWith: .success) {
      try SteadyStateTests.train { bench, setting in
        try SALT(SALTConfiguration(), setting, setup: bench.setup())
      }
    }
  }

  @Test func aSupervisedStepTakesNoNewMemory() async {
    await #expect(processExitsWith: .success) {
      try SteadyStateTests.train { _, setting in
        try Supervised(SupervisedConfiguration(), setting)
      }
    }
  }
}
