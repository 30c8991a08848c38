internal import Files
internal import Foundation
internal import Glibc
internal import Training

/// Runs what a sweep has not run yet, several runs at a time, each in a process of its own.
///
/// What has its report is not run again, and what was begun goes on where it was. A run that another
/// process is at work on is waited for, so that several sweeps of one folder, also from several machines
/// that share it, divide the runs among themselves.
public struct SweepRunner {
  /// What happens.
  public enum Event: Sendable {
    /// It is known how many runs have their reports already.
    case planned(already: Int)
    /// A run begins, or goes on.
    case began(SweepPlan.Run, goesOn: Bool)
    /// A run has its report, and how long it took; nil if somebody else ran it.
    case finished(SweepPlan.Run, seconds: Double?)
    /// A run has ended without a report.
    case failed(SweepPlan.Run, message: String)
    /// All that is left is being run by others.
    case waiting(Int)
  }

  /// How a sweep has ended.
  public struct Outcome: Sendable {
    /// Runs that had their reports before.
    public var already = 0
    /// Runs that got their reports since, from whomever.
    public var finished = 0
    /// The folders of runs that failed.
    public var failed: [String] = []
    /// Whether it was stopped.
    public var isInterrupted = false
  }

  private let plan: SweepPlan
  private let executable: String
  private let jobs: Int
  private let threads: Int
  private let environment: [String: String]?
  private let first: Int

  /// Creates a runner.
  ///
  /// - Parameters:
  ///   - executable: the program, which understands `train` and `search`.
  ///   - jobs: how many runs at a time.
  ///   - threads: how many threads each of them computes on.
  ///   - environment: the variables of the program; those of this process if nil.
  ///   - share: the part of the runs that is begun with, before those of others: `(1, 3)` is the second
  ///     third.
  public init(
    _ plan: SweepPlan, executable: String, jobs: Int, threads: Int,
    environment: [String: String]? = nil, share: (index: Int, count: Int) = (0, 1)
  ) {
    precondition(jobs > 0 && threads > 0, "SweepRunner: \(jobs) jobs of \(threads) threads")
    precondition((0..<share.count).contains(share.index), "SweepRunner: share \(share)")
    self.environment = environment
    first = plan.runs.count * share.index / share.count
    self.plan = plan
    self.executable = executable
    self.jobs = jobs
    self.threads = threads
  }

  private struct Job {
    let run: SweepPlan.Run
    let process: Process
    let log: FileHandle
    let began: ContinuousClock.Instant
  }

  /// How often it is looked whether a run has ended.
  private static let pause = Duration.milliseconds(20)
  /// How often it is looked what others are at work on.
  private static let lookInterval = Duration.milliseconds(500)

  /// Runs what is left.
  ///
  /// - Parameters:
  ///   - isInterrupted: asked again and again; true lets every run save its state and ends.
  ///   - observe: told what happens.
  /// - Throws: ``SweepError/otherRecipe(folder:differences:)`` before anything runs, or what keeps
  ///   the program from being started.
  public func run(
    isInterrupted: () -> Bool = { false }, observe: (Event) -> Void = { _ in }
  ) throws -> Outcome {
    var outcome = Outcome()
    var left: [SweepPlan.Run] = []
    for run in plan.runs[first...] + plan.runs[..<first] {
      if try plan.state(of: run) == .done { outcome.already += 1 } else { left.append(run) }
    }
    observe(.planned(already: outcome.already))
    try Folder.create(plan.folder)
    var running: [Job] = []
    defer { for job in running { job.process.interrupt() } }
    // Looking at what others do means reading files, which need not be done all the time.
    var nextLook = ContinuousClock.now
    var isWaiting = false
    while !left.isEmpty || !running.isEmpty {
      if !outcome.isInterrupted, isInterrupted() {
        outcome.isInterrupted = true
        left = []
        for job in running { job.process.interrupt() }
      }
      for place in running.indices.reversed() where !running[place].process.isRunning {
        let job = running.remove(at: place)
        if try ended(job, &outcome, observe) { left.append(job.run) }
        nextLook = .now
      }
      if running.count < jobs, !left.isEmpty, nextLook <= .now {
        if let job = try startNext(of: &left, &outcome, observe) {
          running.append(job)
          continue
        }
        nextLook = .now + SweepRunner.lookInterval
        if running.isEmpty, !left.isEmpty, !isWaiting {
          isWaiting = true
          observe(.waiting(left.count))
        }
      }
      usleep(UInt32(SweepRunner.pause / .microseconds(1)))
    }
    return outcome
  }

  /// Starts the first run that nobody else is at work on; nil if there is none.
  private func startNext(
    of left: inout [SweepPlan.Run], _ outcome: inout Outcome, _ observe: (Event) -> Void
  ) throws -> Job? {
    var place = 0
    while place < left.count {
      let state = try plan.state(of: left[place])
      if state == .busy {
        place += 1
        continue
      }
      let run = left.remove(at: place)
      if state == .done {
        outcome.finished += 1
        observe(.finished(run, seconds: nil))
        continue
      }
      observe(.began(run, goesOn: state == .begun))
      return try start(run, goesOn: state == .begun)
    }
    return nil
  }

  /// Takes a process that has ended; whether its run is still to be done by somebody.
  private func ended(
    _ job: Job, _ outcome: inout Outcome, _ observe: (Event) -> Void
  ) throws -> Bool {
    try? job.log.close()
    let state = try plan.state(of: job.run)
    switch state {
    case .done:
      outcome.finished += 1
      observe(.finished(job.run, seconds: (ContinuousClock.now - job.began) / .seconds(1)))
    case .busy:
      // Another sweep was faster.
      return !outcome.isInterrupted
    case .new, .begun:
      if outcome.isInterrupted { return false }
      outcome.failed.append(job.run.folder)
      observe(.failed(job.run, message: lastError(of: job)))
    }
    return false
  }

  private func start(_ run: SweepPlan.Run, goesOn: Bool) throws -> Job {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: executable)
    process.arguments =
      [plan.configuration.action.rawValue]
      + (goesOn
        ? ["--resume", run.folder]
        : [plan.configuration.recipe, "--output", run.folder]
          + run.overrides.flatMap { ["--set", $0] })
      + ["--threads", "\(threads)"]
    let path = run.folder + ".log"
    if !FileManager.default.fileExists(atPath: path) {
      _ = FileManager.default.createFile(atPath: path, contents: nil)
    }
    guard let log = FileHandle(forWritingAtPath: path) else {
      throw RunDirectoryError.unwritable(path: path, reason: SystemReason.last)
    }
    try log.seekToEnd()
    if let environment { process.environment = environment }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = log
    try process.run()
    return Job(run: run, process: process, log: log, began: .now)
  }

  /// The last line in a run's log that says what went wrong.
  private func lastError(of job: Job) -> String {
    let status = job.process.terminationStatus
    let end =
      job.process.terminationReason == .uncaughtSignal
      ? "ended by signal \(status)" : "ended with status \(status)"
    let text = (try? String(contentsOfFile: job.run.folder + ".log", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").last { $0.contains("error:") }
    return line.map { "\(end): \($0)" } ?? "\(end), see \(job.run.folder).log"
  }
}
