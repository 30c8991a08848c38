#if GRPC
  internal import Codecs
  internal import Foundation
  internal import Networks
  internal import Serving
  internal import Splitting
  internal import SwiftProtobuf
  internal import TailSchema
  internal import Tensors

  /// What both ends of a connection say to HTTP/2, whose own defaults are for small messages.
  enum LargeMessages {
    /// The bytes that may be under way before the receiver has taken any.
    static let windowSize = 4 << 20
    /// A batch of latents is megabytes: frames of 16 KiB would be hundreds.
    static let frameSize = 1 << 20
  }

  // What messages say and what the service takes, one from the other.

  extension WireShape {
    init(_ shape: Shape) {
      self.init()
      extents = shape.dimensions.map(UInt32.init)
    }

    func isEqual(to shape: Shape) -> Bool {
      extents.elementsEqual(shape.dimensions.lazy.map(UInt32.init))
    }
  }

  extension WireValues {
    init(_ tensor: Tensor<Float>) {
      self.init()
      shape = tensor.shape.dimensions.map(UInt32.init)
      values = SinglePrecision.withBytes(of: tensor) { Data($0) }
    }

    /// The tensor, of a known shape; nil if the message holds another.
    func tensor(_ expected: Shape) -> Tensor<Float>? {
      guard shape.elementsEqual(expected.dimensions.lazy.map(UInt32.init)),
        values.count == 4 * expected.elementCount
      else { return nil }
      var assembly = SinglePrecision.Assembly(expected)
      _ = assembly.append(values.bytes)
      return assembly.tensor()
    }
  }

  extension MessageValues {
    /// The bytes of one message's values: few enough to stay in a processor's cache while they are
    /// copied from one layer of the protocol to the next.
    static let pieceSize = 260_096

    /// A tensor's values as messages carry them.
    static func pieces(of tensor: Tensor<Float>) -> some Sequence<MessageValues> {
      stride(from: 0, to: max(1, tensor.byteCount), by: pieceSize).lazy.map {
        .sent(tensor, $0..<min(tensor.byteCount, $0 + pieceSize))
      }
    }
  }

  /// A request whose latents may come in several messages.
  protocol WireRequest: Message {
    var latents: WireLatents { get set }
    var request: String { get set }
  }

  extension WireForwardRequest: WireRequest {}

  extension WireBackwardRequest: WireRequest {}

  extension MessageWithValues where Head: WireRequest {
    /// Sends latents in as many messages as they take.
    ///
    /// - Parameter head: what the first says beside them.
    static func send(
      _ sent: SentLatents, _ head: Head, _ write: (Self) async throws -> Void
    ) async throws {
      var head = head
      switch sent {
      case .values(let batch):
        head.latents.shape = WireShape(batch.shape)
        for values in MessageValues.pieces(of: batch) {
          try await write(Self(head: head, values: values))
          head = Head()
        }
      case .streams(let streams, let tables):
        head.latents.streams = .with {
          $0.streams = streams.map { Data($0) }
          $0.tables = tables ?? ""
        }
        try await write(Self(head: head, values: .none))
      }
    }
  }

  extension SentLatents {
    /// The most bytes that one message carries of them.
    var mostBytesOfMessage: Int {
      switch self {
      case .values: min(byteCount, MessageValues.pieceSize)
      case .streams(let streams, _): byteCount + 16 * streams.count
      }
    }
  }

  extension TailService {
    /// The latents of a request.
    ///
    /// - Parameters:
    ///   - first: its first message.
    ///   - next: its next message; nil when there is none.
    func latents<Request: WireRequest>(
      _ first: MessageWithValues<Request>, next: () async throws -> MessageWithValues<Request>?
    ) async throws -> SentLatents {
      switch first.head.latents.form {
      case .streams(let sent):
        guard try await next() == nil else {
          throw ServiceRefusal.invalid("streams come in one message")
        }
        return .streams(
          sent.streams.map { [UInt8]($0) }, tables: sent.tables.isEmpty ? nil : sent.tables)
      case .shape(let shape):
        var arriving = try arrivingLatents(shape: shape.extents.map(Int.init))
        try first.values.withSpan { (bytes) throws(ServiceRefusal) in try arriving.append(bytes) }
        while let message = try await next() {
          guard message.head.latents.form == nil else {
            throw ServiceRefusal.invalid("latents begin within others of the same request")
          }
          try message.values.withSpan { (bytes) throws(ServiceRefusal) in
            try arriving.append(bytes)
          }
        }
        return try arriving.latents()
      case nil: throw ServiceRefusal.invalid("there are no latents")
      }
    }
  }

  extension WireDescription {
    init(_ description: TailDescription) {
      self.init()
      latentShape = description.latentShape.dimensions.map(UInt32.init)
      classCount = UInt32(description.classCount)
      if let cost = description.cost {
        multiplyAccumulates = UInt64(cost.macs)
        parameters = UInt64(cost.parameters)
      }
      answerMeaning = WireAnswerMeaning(description.answerMeaning)
      answerLength = UInt32(description.answerLength)
      batchSize = UInt32(clamping: description.limits.batchSize)
      requestSize = UInt64(clamping: description.limits.requestSize.bytes)
    }
  }

  extension WireAnswerMeaning {
    init(_ meaning: OutputMeaning) {
      switch meaning {
      case .logits, .values: self = .logits
      case .probabilities: self = .probabilities
      case .independentProbabilities: self = .independentProbabilities
      }
    }

    /// The meaning; nil for one that a later version knows.
    var meaning: OutputMeaning? {
      switch self {
      case .logits: .logits
      case .probabilities: .probabilities
      case .independentProbabilities: .independentProbabilities
      case .UNRECOGNIZED: nil
      }
    }
  }

  extension ContinuousClock.Instant {
    /// Nanoseconds from then to now.
    var nanosecondsSince: UInt64 { UInt64(max(0, (.now - self) / .nanoseconds(1))) }
  }
#endif
