#if GRPC
  internal import Foundation
  public import Networks
  public import Serving
  public import Splitting
  internal import SwiftProtobuf
  internal import Synchronization
  internal import TailSchema
  public import Tensors

  /// Reaches tails behind gRPC.
  public struct GRPCTailConnector: TailConnector {
    /// Creates a connector.
    public init() {}

    /// Connects, and asks what the tail takes.
    ///
    /// - Throws: ``RemoteTailError``.
    public func connect(
      to address: TailAddress, _ access: TailAccess, noted: @escaping @Sendable (String) -> Void
    ) throws -> ServedTail {
      let tail = try RemoteTail(address, access, noted: noted)
      return ServedTail(tail: tail, cost: tail.cost)
    }
  }

  /// A tail that a server answers for.
  ///
  /// Calls wait for the server, and go on when it comes back.
  public final class RemoteTail: TimedTail {
    /// The shape of one latent.
    public let latentShape: Shape
    /// The number of classes, which is the length of the logits.
    public let classCount: Int
    /// The meaning of what the server answers, of which logits are made here.
    public let servedMeaning: OutputMeaning
    /// What the tail costs, if its owner says so.
    public let cost: Cost?

    private let client: TailClient
    /// The numbers in an answer of the server.
    private let servedLength: Int
    /// The latents of one request, at most.
    private let most: Int
    /// Tables that the server was given, by what it calls them.
    private let shared = Mutex<[String: [Int: [UInt8]]]>([:])

    /// Connects, and asks what the tail takes.
    ///
    /// - Throws: ``RemoteTailError``.
    public init(
      _ address: TailAddress, _ access: TailAccess = TailAccess(),
      noted: @escaping @Sendable (String) -> Void = { _ in }
    ) throws {
      let client = try TailClient(address, access, noted: noted)
      self.client = client
      let description = try waiting { try await client.describe() }
      let extents = description.latentShape.map(Int.init)
      var elements = 1
      for extent in extents {
        let (product, overflows) = elements.multipliedReportingOverflow(by: extent)
        guard !overflows, extent > 0, product <= 1 << 30 else {
          throw RemoteTailError.answer(address, problem: "with latents of shape \(extents)")
        }
        elements = product
      }
      guard !extents.isEmpty, description.classCount > 0 else {
        throw RemoteTailError.answer(address, problem: "with no description of a tail")
      }
      latentShape = Shape(extents)
      classCount = Int(description.classCount)
      guard let meaning = description.answerMeaning.meaning else {
        throw RemoteTailError.answer(
          address, problem: "in a way that a later version of the toolkit knows")
      }
      let length = Int(description.answerLength)
      servedMeaning = meaning
      servedLength = length == 0 ? classCount : length
      guard meaning.classCount(ofLength: servedLength) == classCount else {
        throw RemoteTailError.answer(
          address, problem: "with \(length) numbers for \(classCount) classes")
      }
      if meaning != .logits {
        noted("the tail at \(address) answers with \(meaning.words), of which logits are made")
      }
      cost =
        description.hasMultiplyAccumulates
        ? Cost(
          macs: Int(clamping: description.multiplyAccumulates),
          parameters: Int(clamping: description.parameters)) : nil
      // Beside the values there are the shape, the labels and the request's name.
      let room = max(0, Int(clamping: description.requestSize) - 1024)
      most = min(Int(clamping: description.batchSize), room / (4 * elements + 16))
      guard most > 0 else {
        throw RemoteTailError.latentTooLarge(
          address, bytes: 4 * elements, most: Int(clamping: description.requestSize))
      }
    }

    /// The logits of a batch, in as many requests as the server wants.
    ///
    /// - Throws: `TailError` if the shape does not fit, ``RemoteTailError``.
    public func forward(_ latent: Tensor<Float>) throws -> Tensor<Float> {
      try check(latent)
      return try Tensor.joined(parts(latent).map { try logits(of: latent.rows($0)) })
    }

    /// The mean cross-entropy of a batch and its gradient for the latent, in as many requests as the
    /// server wants.
    ///
    /// - Throws: `TailError` if shapes or labels do not fit, ``RemoteTailError``.
    public func backward(_ latent: Tensor<Float>, labels: [Int32]) throws -> TailGradient {
      try check(latent, labels: labels)
      let parts = parts(latent)
      let client = client
      if parts.count == 1 {
        return try waiting { try await client.backward(latent, labels: labels) }
      }
      var loss = 0.0
      let gradients = try parts.map { rows in
        let part = latent.rows(rows)
        let answer = try waiting { try await client.backward(part, labels: Array(labels[rows])) }
        // The mean over the batch is of the means over its parts.
        let share = Double(rows.count) / Double(labels.count)
        loss += Double(answer.loss) * share
        return Tensor(
          answer.latent.shape, answer.latent.scalars.map { $0 * Float(share) })
      }
      return TailGradient(loss: Float(loss), latent: Tensor.joined(gradients))
    }

    /// Keeps a codec's tables on the server.
    ///
    /// - Throws: ``RemoteTailError``.
    public func share(_ tables: [Int: [UInt8]]) throws -> String {
      let client = client
      let message = WireTables.with {
        for (number, bytes) in tables { $0.byNumber[UInt32(number)] = Data(bytes) }
      }
      let name = try waiting { try await client.share(message) }.name
      shared.withLock { $0[name] = tables }
      return name
    }

    /// The logits of latents in one request; a server that was restarted is given their tables again.
    ///
    /// - Throws: ``RemoteTailError``.
    public func answer(_ sent: SentLatents) throws -> TimedLogits {
      do { return try answerOnce(sent) } catch RemoteTailError.unknownTables(let address) {
        let tables = sent.tablesName.flatMap { name in shared.withLock { $0[name] } }
        guard let tables else { throw RemoteTailError.unknownTables(address) }
        _ = try share(tables)
        return try answerOnce(sent)
      }
    }

    private func answerOnce(_ sent: SentLatents) throws -> TimedLogits {
      let (client, length) = (client, servedLength)
      let reply = try waiting { try await client.forward(sent, length: length) }
      guard let answers = reply.answers.tensor([sent.count, length]) else {
        throw RemoteTailError.answer(
          client.address,
          problem: "with answers of shape \(reply.answers.shape) in "
            + "\(reply.answers.values.count) bytes")
      }
      return TimedLogits(
        logits: servedMeaning.logits(of: answers), served: .seconds(Double(reply.served) / 1e9))
    }

    private func parts(_ latent: Tensor<Float>) -> [Range<Int>] {
      let count = latent.shape[0]
      return stride(from: 0, to: max(1, count), by: most).map { $0..<min(count, $0 + most) }
    }

    private func logits(of latent: Tensor<Float>) throws -> Tensor<Float> {
      try answer(.values(latent)).logits
    }
  }
#endif
