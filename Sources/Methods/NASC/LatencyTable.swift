internal import Autodiff
internal import Files
internal import Foundation
internal import Networks
internal import Splitting
internal import Tensors
internal import Training

/// How long each part of the networks of a space takes on one machine, for one image.
///
/// Parts are timed inside whole networks, every node apart, with the memory traffic they have there, and
/// scaled so that they add up to the time of the network in one piece, which nobody watches.
struct LatencyTable: Codable, Equatable {
  /// The processor.
  let machine: String
  /// The day it was measured, as in 2026-11-28.
  let date: String
  /// The threads that computed.
  let threads: Int
  /// How often each part was timed; the median counts.
  let repetitions: Int
  /// Fingerprint of each part: two of one name may differ in channels, strides or the size of images.
  let parts: [String: String]
  /// The time of each part by the beginning of its nodes' names.
  let times: [String: TimeSpan]

  /// Identifies the table: 16 hexadecimal digits of all that it holds.
  var hash: String {
    let lines = times.sorted { $0.key < $1.key }.map { "\($0) \($1.seconds) \(parts[$0] ?? "")" }
    return Fingerprint.of(
      ([machine, date, "\(threads)", "\(repetitions)"] + lines).joined(separator: "\n"))
  }

  /// Fingerprints of the parts of a space, by the beginning of their nodes' names: of the shapes of values
  /// and weights.
  ///
  /// - Throws: `NetworkError` if a network cannot be built.
  static func fingerprints(
    of space: BlockSpace, classes: Int, imageShape: Shape
  ) throws -> [String: String] {
    var found: [String: String] = [:]
    for blocks in space.examples {
      let built = try blocks.built(classes: classes, inputShape: imageShape)
      for part in built.parts where found[part.prefix] == nil {
        let nodes = built.network.nodes.filter { $0.name.hasPrefix(part.prefix + ".") }
        let lines = nodes.map { node in
          let weights = node.layer.parameters.map { "\($0.name) \($0.shape)" }
          return "\(node.name) \(built.network.shapes[node.name] ?? []) \(weights)"
        }
        found[part.prefix] = Fingerprint.of(lines.joined(separator: "\n"))
      }
    }
    return found
  }

  /// The time of parts, one after the other.
  func time(of parts: some Sequence<BlockNetwork.Part>) -> TimeSpan {
    .seconds(parts.reduce(0) { $0 + (times[$1.prefix]?.seconds ?? 0) })
  }

  // MARK: - Measuring

  /// Times the parts of all networks of a space.
  ///
  /// - Parameter progress: is told how many of how many rounds are done.
  /// - Throws: `NetworkError` if a network cannot be built.
  static func measure(
    _ space: BlockSpace, classes: Int, imageShape: Shape, repetitions: Int = 200,
    progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) throws -> LatencyTable {
    var contexts = try space.examples.map {
      try Context($0.built(classes: classes, inputShape: imageShape))
    }
    var random = RandomSource(seed: 0, purpose: "latency table")
    let image = Variable(
      Tensor<Float>(
        Shape([1] + imageShape.dimensions),
        (0..<imageShape.elementCount).map { _ in Float(random.normal()) }))
    // A network runs several times in a row, as it does where it is deployed, and networks take turns,
    // so that what slows the machine for a while does not hit one alone.
    let row = 20
    let rounds = max(1, repetitions / row)
    for round in 0..<rounds {
      for index in contexts.indices { contexts[index].run(image, times: row) }
      progress(round + 1, rounds)
    }
    var found: [String: [Double]] = [:]
    for context in contexts {
      for (prefix, median) in context.medians { found[prefix, default: []].append(median) }
    }
    return LatencyTable(
      machine: Machine.processor, date: Machine.today, threads: ThreadPool.current.threadCount,
      repetitions: rounds * row,
      parts: try fingerprints(of: space, classes: classes, imageShape: imageShape),
      times: found.mapValues { .seconds($0.reduce(0, +) / Double($0.count)) })
  }

  /// One network whose parts are timed.
  private struct Context {
    let executor: NetworkExecutor
    let parameters: [Variable<Float>]
    let parts: [BlockNetwork.Part]
    /// For each node in order, the part it belongs to.
    let partOfNode: [Int?]
    /// Seconds of each part in each run that was watched.
    var samples: [[Double]]
    /// Seconds of each run that was not.
    var whole: [Double] = []

    init(_ built: BlockNetwork.Built) throws {
      var network = built.network
      network.initializeParameters(seed: 0)
      let deployed = network.folded()
      executor = NetworkExecutor(deployed, isFrozen: true)
      parameters = deployed.constants(Float.self)
      parts = built.parts
      partOfNode = deployed.nodes.map { node in
        built.parts.lastIndex { node.name.hasPrefix($0.prefix + ".") }
      }
      samples = built.parts.map { _ in [] }
    }

    mutating func run(_ image: Variable<Float>, times: Int) {
      let clock = ContinuousClock()
      for repetition in -2..<times {
        let begin = clock.now
        _ = executor.run([image], parameters: parameters)
        let unwatched = (clock.now - begin) / .seconds(1)
        var seconds = [Double](repeating: 0, count: parts.count)
        var node = 0
        var last = clock.now
        _ = executor.run([image], parameters: parameters) { _, _ in
          let now = clock.now
          if let part = partOfNode[node] { seconds[part] += (now - last) / .seconds(1) }
          node += 1
          last = now
        }
        guard repetition >= 0 else { continue }
        whole.append(unwatched)
        for (part, value) in seconds.enumerated() { samples[part].append(value) }
      }
    }

    var medians: [String: Double] {
      let medians = samples.map { Percentiles($0)?.p50 ?? 0 }
      let sum = medians.reduce(0, +)
      let scale = sum > 0 ? (Percentiles(whole)?.p50 ?? sum) / sum : 1
      return Dictionary(
        zip(parts, medians).map { ($0.prefix, $1 * scale) }
      ) { first, _ in first }
    }
  }
}

extension LatencyTable {
  /// Reads a table and checks that it has every part of a space.
  ///
  /// - Throws: ``NASCError/table(file:reason:)``.
  init(
    contentsOf file: String, for space: BlockSpace, classes: Int, imageShape: Shape
  ) throws {
    func failure(_ reason: String) -> NASCError { .table(file: file, reason: reason) }
    var data = Data()
    do throws(FileError) { data = Data(try WholeFile.read(file)) } catch {
      throw failure("cannot be read: \(error.reason)")
    }
    do { self = try JSONDecoder().decode(LatencyTable.self, from: data) } catch {
      throw failure("is no table of latencies: \(DecodingFlaw.words(error, in: data))")
    }
    guard times.values.allSatisfy({ $0.seconds.isFinite && $0.seconds >= 0 }) else {
      throw failure("has a time that is negative or no number")
    }
    for blocks in space.examples {
      let built = try blocks.built(classes: classes, inputShape: imageShape)
      for part in built.parts where times[part.prefix] == nil {
        throw failure("has no time of \(part.prefix)")
      }
    }
    let expected = try LatencyTable.fingerprints(
      of: space, classes: classes, imageShape: imageShape)
    if let other = expected.keys.sorted().first(where: { parts[$0] != expected[$0] }) {
      throw failure(
        "has the time of another \(other): of other channels, strides, classes or images than "
          + "\(imageShape)")
    }
  }
}

/// The latencies of the networks of a space, added up without building any of them.
struct LatencySums {
  private let stem: Double
  /// Seconds of each block's operations.
  private let blocks: [[Double]]
  /// Seconds of both halves of each stage's bottlenecks; nil where a share leaves all channels.
  private let bottlenecks: [[(narrow: Double, widen: Double)?]]
  private let end: Double
  /// Bytes behind each block, for each of the stage's bottlenecks; those within a stage have one.
  private let bytes: [[Int]]
  private let imageBytes: Int
  private let answerBytes: Int
  private let model: LatencyModel
  private let stageOfBlock: [(stage: Int, isLast: Bool)]

  init(
    _ table: LatencyTable, _ space: BlockSpace, classes: Int, imageShape: Shape, link: Link,
    byteCount: (Shape) throws -> Int
  ) throws {
    func seconds(_ name: String) -> Double { table.times[name]?.seconds ?? 0 }
    let built = try space.outline.built(classes: classes, inputShape: imageShape)
    let values = Dictionary(
      built.parts.map { ($0.prefix, built.network.shapes[$0.value] ?? []) }
    ) { first, _ in first }
    var blocks: [[Double]] = []
    var bottlenecks: [[(narrow: Double, widen: Double)?]] = []
    var bytes: [[Int]] = []
    var stageOfBlock: [(stage: Int, isLast: Bool)] = []
    for (stageIndex, stage) in space.outline.stages.enumerated() {
      let name = "stages.\(stageIndex + 1)"
      bottlenecks.append(
        space.bottlenecks.map { share in
          let narrow = stage.narrowChannels(share)
          guard narrow < stage.channels else { return nil }
          let prefix = "\(name).bottleneck.c\(narrow)"
          return (seconds("\(prefix).narrow"), seconds("\(prefix).widen"))
        })
      for (index, operation) in stage.operations.enumerated() {
        blocks.append(space.operations.map { seconds("\(name).\(index + 1).\($0)") })
        let isLast = index == stage.operations.count - 1
        stageOfBlock.append((stageIndex, isLast))
        let shape = values["\(name).\(index + 1).\(operation)"] ?? []
        let channels = isLast ? space.bottlenecks.map(stage.narrowChannels) : [stage.channels]
        bytes.append(try channels.map { try byteCount([shape[0], shape[1], $0]) })
      }
    }
    stem = seconds("stem")
    end = seconds("header") + seconds("classifier")
    self.blocks = blocks
    self.bottlenecks = bottlenecks
    self.bytes = bytes
    self.stageOfBlock = stageOfBlock
    // An image is sent as it is, a byte a value.
    imageBytes = imageShape.elementCount
    answerBytes = classes * MemoryLayout<Float>.stride
    model = LatencyModel(link: link)
  }

  /// The latency of a network.
  ///
  /// - Parameters:
  ///   - operations: of each block, by its place in the space.
  ///   - shares: of each stage's bottleneck, by its place in the space.
  func latency(operations: [Int], shares: [Int], split: BlockSpace.Split) -> Latency {
    var device = 0.0
    var server = 0.0
    var isOnServer = split == .input
    var uplink = isOnServer ? imageBytes : 0
    func add(_ seconds: Double) {
      if isOnServer { server += seconds } else { device += seconds }
    }
    add(stem)
    for (block, operation) in operations.enumerated() {
      add(blocks[block][operation])
      let (stage, isLast) = stageOfBlock[block]
      let halves = isLast ? bottlenecks[stage][shares[stage]] : nil
      if let halves { add(halves.narrow) }
      if split == .block(block) {
        isOnServer = true
        uplink = bytes[block][isLast ? shares[stage] : 0]
      }
      if let halves { add(halves.widen) }
    }
    add(end)
    if split == .none { return Latency(device: model.onDevice(.seconds(device))) }
    return model.latency(
      device: .seconds(device), uplinkBytes: uplink, downlinkBytes: answerBytes,
      server: .seconds(server))
  }
}

/// What a measurement belongs to.
private enum Machine {
  /// The name of the processor, as the system has it.
  static var processor: String {
    let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    for line in text.split(separator: "\n") where line.hasPrefix("model name") {
      let name = line.drop { $0 != ":" }.dropFirst().drop { $0 == " " }
      if !name.isEmpty { return String(name) }
    }
    return "unknown processor"
  }

  /// The day, as in 2026-11-28, in UTC.
  static var today: String {
    Date.now.formatted(.iso8601.year().month().day())
  }
}
