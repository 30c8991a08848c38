public import Datasets
public import Tensors

/// Systems as they are deployed, run over the images of a data set: the one way in which answers and the
/// bytes they cost are measured together.
///
/// Each image by itself goes through the device, is written as bytes and read again; the server answers
/// what was read. What the device answers itself is not sent.
public struct SystemRun {
  /// The images.
  public let dataset: ImageDataset

  /// Images the server is asked about together.
  private let batchSize = 64

  /// Creates a run over the images of a data set.
  public init(_ dataset: ImageDataset) { self.dataset = dataset }

  /// A batch of images that a system has answered.
  public struct Batch {
    /// Their places in the data set.
    public let samples: [Int]
    /// Their pixels, `[batch, height, width, channels]`.
    public let pixels: Tensor<Float>
    /// Latent of each, as the device has computed it.
    public let computed: [Tensor<Float>]
    /// Latents read by the server of those that were sent, `[sent]` and the latent's shape; nil if none
    /// was.
    public let decoded: Tensor<Float>?
    /// The answers, one tensor for each output: those of the device and of the server each in its place.
    public let answers: [Tensor<Float>]
    /// Message and operations of each.
    public let messages: [Traffic.Message]
  }

  /// Runs systems over the images.
  ///
  /// - Parameters:
  ///   - systems: those of which the device computes the same latent, such as one split with several
  ///     codecs; it is computed once.
  ///   - task: what progress is called.
  ///   - observer: told how far it is; nobody if nil.
  ///   - answered: told of each batch which system has answered it, and how.
  /// - Returns: what each system sends.
  /// - Throws: `DatasetError`, or what a system throws.
  public func callAsFunction(
    _ systems: [any SplitSystem], task: String = "evaluating",
    observer: (any TrainingObserver)?, answered: (_ system: Int, _ batch: Batch) throws -> Void
  ) throws -> [Traffic] {
    var traffic = [Traffic](repeating: Traffic(), count: systems.count)
    for start in stride(from: 0, to: dataset.count, by: batchSize) {
      let samples = Array(start..<min(start + batchSize, dataset.count))
      try SystemRun.answer(try dataset.pixels(at: samples), samples: samples, by: systems) {
        index, batch in
        traffic[index].messages += batch.messages
        try answered(index, batch)
      }
      observer?.progressed(
        task, unit: "images", done: start + samples.count, of: dataset.count)
    }
    return traffic
  }

  /// Answers images that are of no data set by a system.
  ///
  /// - Parameter pixels: `[batch, height, width, channels]`, from 0 to 255.
  /// - Throws: what the system throws.
  public static func answer(_ pixels: Tensor<Float>, by system: any SplitSystem) throws -> Batch {
    var found: [Batch] = []
    try answer(pixels, samples: Array(0..<pixels.shape[0]), by: [system]) { found.append($1) }
    return found[0]
  }

  /// Answers a batch by systems of which the device computes the same.
  private static func answer(
    _ pixels: Tensor<Float>, samples: [Int], by systems: [any SplitSystem],
    _ answered: (_ system: Int, _ batch: Batch) throws -> Void
  ) throws {
    guard let device = systems.first else { return }
    let computed = try inParallel(samples.count) { row in
      try device.latent(pixels.rows(row..<row + 1))
    }
    for (index, system) in systems.enumerated() {
      let messages = try inParallel(samples.count) { row in try Message(system, computed[row]) }
      let received = messages.compactMap(\.decoded)
      let decoded = received.isEmpty ? nil : Tensor.joined(received)
      try answered(
        index,
        Batch(
          samples: samples, pixels: pixels, computed: computed, decoded: decoded,
          answers: try answers(of: system, messages, decoded), messages: messages.map(\.cost)))
    }
  }

  /// Message of an image, sent and read.
  private struct Message {
    /// Answers of the device itself.
    let own: [Tensor<Float>]?
    /// Latent that was read, unless it has.
    let decoded: Tensor<Float>?
    let cost: Traffic.Message

    init(_ system: any SplitSystem, _ computed: Tensor<Float>) throws {
      own = try system.deviceAnswers(computed)
      guard own == nil else {
        decoded = nil
        cost = Traffic.Message(
          bytes: 0, isSent: false, expectedBytes: nil,
          macs: try system.macs(computed: computed, decoded: nil))
        return
      }
      let bytes = try system.encode(computed)
      let read = try system.decode(bytes)
      decoded = read
      cost = Traffic.Message(
        bytes: system.isSplit ? bytes.count : 0, isSent: system.isSplit,
        expectedBytes: try system.estimatedBytes(computed),
        macs: try system.macs(computed: computed, decoded: read))
    }
  }

  /// The answers to a batch, those of the device and those of the server each in its place.
  private static func answers(
    of system: any SplitSystem, _ messages: [Message], _ decoded: Tensor<Float>?
  ) throws -> [Tensor<Float>] {
    let remote = try decoded.map { try system.answers($0) } ?? []
    if messages.allSatisfy({ $0.own == nil }) { return remote }
    var next = 0
    let rows = messages.map { message in
      if let own = message.own { return own }
      defer { next += 1 }
      return remote.map { $0.rows(next..<next + 1) }
    }
    return (rows.first ?? []).indices.map { output in Tensor.joined(rows.map { $0[output] }) }
  }

  /// A value for each index, computed by all threads.
  private static func inParallel<Value>(
    _ count: Int, _ body: (Int) throws -> Value
  ) throws -> [Value] {
    var results = [Result<Value, any Error>?](repeating: nil, count: count)
    results.withUnsafeMutableBufferPointer { results in
      // Every index has a place of its own.
      nonisolated(unsafe) let results = results
      nonisolated(unsafe) let body = body
      ThreadPool.current.forEach(count) { index in
        results[index] = Result { try body(index) }
      }
    }
    return try results.compactMap { try $0?.get() }
  }
}
