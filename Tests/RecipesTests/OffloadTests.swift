import Checkpoints
import Codecs
import Datasets
import Foundation
import Networks
import Recipes
import Serving
import Splitting
import Synchronization
import Tensors
import Testing
import Training

/// The device's side at work, with a tail that takes streams and has them for a known time.
@Suite struct OffloadTests {
  /// Answers like a server, in this process.
  private final class StreamTail: TimedTail {
    let tail: LocalTail
    let served: TimeSpan
    let taken = Mutex<[SentLatents]>([])
    let tables = Mutex<[String: CodecTables]>([:])

    init(_ tail: LocalTail, served: TimeSpan = .milliseconds(2)) {
      self.tail = tail
      self.served = served
    }

    var latentShape: Shape { tail.latentShape }
    var classCount: Int { tail.classCount }

    func forward(_ latent: Tensor<Float>) throws -> Tensor<Float> { try tail.forward(latent) }

    func backward(_ latent: Tensor<Float>, labels: [Int32]) throws -> TailGradient {
      try tail.backward(latent, labels: labels)
    }

    func share(_ bytes: [Int: [UInt8]]) throws -> String {
      var read = CodecTables()
      for (number, bytes) in bytes {
        read.byNumber[number] = try CodecTables(bytes, number: number).byNumber[number]
      }
      tables.withLock { [read] in $0["known"] = read }
      return "known"
    }

    func answer(_ sent: SentLatents) throws -> TimedLogits {
      taken.withLock { $0.append(sent) }
      let known = sent.tablesName.flatMap { name in tables.withLock { $0[name] } } ?? .none
      let batch = try sent.batch(of: latentShape, tables: known)
      Thread.sleep(forTimeInterval: served.seconds)
      return TimedLogits(logits: try tail.forward(batch), served: served)
    }
  }

  private let folder: String
  private let tail: StreamTail
  private let head: String

  init() throws {
    folder = NSTemporaryDirectory() + "cleave-offload-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    var network = try ResNet.narrow(depth: 8, classes: 4, inputShape: [16, 16, 3])
    network.initializeParameters(seed: 1)
    let parts = try network.cut(at: "layer1")
    head = "\(folder)/head.h5"
    try Checkpoint(
      network: parts.head, inputTransform: try InputTransform(scale: 255)
    ).write(to: head)
    try Checkpoint(network: parts.tail).write(to: "\(folder)/tail.h5")
    tail = StreamTail(LocalTail(parts.tail))
  }

  private func run() throws -> String {
    let recipe = try Recipe(
      RecipeDocument(
        name: "r.yaml",
        text: """
          method: salt
          data: {name: shapes, samples: 40, test_samples: 12, size: 16}
          network: {head: \(head), tail: \(folder)/tail.h5, input: {scale: 255}}
          train: {epochs: 1}
          link: {rate: 1 Mbit/s, round_trip_time: 7 ms}
          """))
    let path = "\(folder)/run"
    _ = try Experiment.train(recipe, in: path, resumes: false, observer: SilentObserver())
    return path
  }

  @Test func aRunsTestImagesAreSentAndTimed() throws {
    let path = try run()
    var answers: [[Float]] = []
    let report = try Experiment.offload(
      .init(device: path), to: tail, observer: SilentObserver()
    ) {
      answers.append($1); #expect($2 > 0)
    }
    #expect(report.images == 12)
    // Warm-up comes before, and is not counted.
    #expect(tail.taken.withLock { $0.count } == 15)
    let measured = try JSONDecoder().decode(
      EvaluationReport.self, from: Data(contentsOf: URL(fileURLWithPath: "\(path)/report.json")))
    #expect(report.accuracy == measured.accuracy)
    #expect(answers.allSatisfy { $0.count == 4 })
    #expect(report.downlinkBytes == 16)
    #expect(report.server.median == .milliseconds(2))
    #expect(report.total.median.seconds >= report.device.median.seconds + 0.002)
    // The model has the measured times of device and server, and the link's own of the bytes.
    #expect(report.predicted.server == .milliseconds(2))
    #expect(report.predicted.device == report.device.median)
    #expect(report.predicted.roundTrip == .milliseconds(7))
    #expect(abs(report.predicted.uplink.seconds - report.uplinkBytes * 8e-6) < 1e-5)
    #expect(report.energy.joules > 0)
  }

  @Test func whatIsSaidOfTheLinkGoesBeforeTheRunsAndTheRestStays() throws {
    var source = Experiment.OffloadSource(device: try run())
    source.count = 1
    source.rate = try DataRate(parsing: "2 Mbit/s")
    source.transport = .tcp
    let report = try Experiment.offload(source, to: tail, observer: SilentObserver())
    let link = try Link(rate: DataRate(parsing: "2 Mbit/s"), transport: .tcp)
    #expect(report.predicted.roundTrip == .milliseconds(7))
    #expect(report.predicted.uplink == link.uplinkTime(for: Int(report.uplinkBytes)))
    #expect(report.predicted.downlink == link.downlinkTime(for: 16))
    source.rate = nil
    source.roundTripTime = .milliseconds(3)
    let other = try Experiment.offload(source, to: tail, observer: SilentObserver())
    #expect(other.predicted.roundTrip == .milliseconds(3))
    #expect(abs(other.predicted.uplink.seconds - 2 * report.predicted.uplink.seconds) < 1e-9)
  }

  @Test func aCodecTakesFewerBytes() throws {
    let path = try run()
    var source = Experiment.OffloadSource(device: path)
    source.count = 4
    let plain = try Experiment.offload(source, to: tail, observer: SilentObserver())
    source.codec = (RANSCodec(bits: 4), .none)
    let coded = try Experiment.offload(source, to: tail, observer: SilentObserver())
    #expect(coded.images == 4)
    #expect(coded.uplinkBytes * 4 < plain.uplinkBytes)
  }

  @Test func filesAreScaledToWhatAHeadTakes() throws {
    let photos = "\(folder)/photos"
    try FileManager.default.createDirectory(atPath: photos, withIntermediateDirectories: true)
    for (name, side) in [("b.png", 16), ("a.png", 40)] {
      let bytes = (0..<side * side * 3).map { UInt8($0 % 251) }
      try ImageFile.write(
        PixelImage(height: side, width: side, channels: 3, bytes: bytes), to: "\(photos)/\(name)")
    }
    var source = Experiment.OffloadSource(device: head)
    source.images = photos
    var names: [String] = []
    let report = try Experiment.offload(source, to: tail, observer: SilentObserver()) {
      name, _, _ in
      names.append(name)
    }
    #expect(names == ["\(photos)/a.png", "\(photos)/b.png"])
    #expect(report.accuracy == nil)
    source.images = "\(photos)/b.png"
    #expect(try Experiment.offload(source, to: tail, observer: SilentObserver()).images == 1)
  }

  @Test func whatIsMissingIsSaid() throws {
    func problem(_ source: Experiment.OffloadSource) -> String {
      do {
        _ = try Experiment.offload(source, to: tail, observer: SilentObserver())
        return ""
      } catch { return "\(error)" }
    }
    var source = Experiment.OffloadSource(device: head)
    #expect(problem(source).contains("is a head alone: say whose images are sent"))
    source.images = "\(folder)/nowhere"
    #expect(problem(source).contains("expected the folder of a run, an image file"))
    source.images = folder
    #expect(problem(source).contains("expected the folder of a run, an image file"))
    #expect(problem(.init(device: "\(folder)/nothing.h5")).contains("nothing.h5"))
  }
}
