#if GRPC
  internal import Codecs
  internal import Foundation
  internal import Networks
  internal import Serving
  internal import Splitting
  internal import SwiftProtobuf
  internal import TailSchema
  internal import Tensors

  // What messages say and what the service takes, one from the other.

  extension WireValues {
    init(_ tensor: Tensor<Float>) {
      self.init()
      shape = tensor.shape.dimensions.map(UInt32.init)
      values = Data(SinglePrecision.bytes(of: tensor))
    }

    /// The tensor, of a known shape; nil if the message holds another.
    func tensor(_ expected: Shape) -> Tensor<Float>? {
      guard shape.elementsEqual(expected.dimensions.lazy.map(UInt32.init)),
        values.count == 4 * expected.elementCount
      else { return nil }
      return SinglePrecision.tensor([UInt8](values)[...], expected)
    }

    var latents: SentLatents { .values([UInt8](values), shape: shape.map(Int.init)) }
  }

  extension WireStreams {
    var latents: SentLatents {
      .streams(streams.map { [UInt8]($0) }, tables: tables.isEmpty ? nil : tables)
    }
  }

  extension WireForwardRequest {
    init(_ sent: SentLatents, request: String) {
      self.init()
      self.request = request
      switch sent {
      case .values(let bytes, let shape):
        values = .with {
          $0.shape = shape.map(UInt32.init)
          $0.values = Data(bytes)
        }
      case .streams(let streams, let tables):
        self.streams = .with {
          $0.streams = streams.map { Data($0) }
          $0.tables = tables ?? ""
        }
      }
    }

    var sent: SentLatents {
      switch latents {
      case .values(let values): values.latents
      case .streams(let streams): streams.latents
      case nil: .values([], shape: [])
      }
    }
  }

  extension WireBackwardRequest {
    init(_ latents: Tensor<Float>, labels: [Int32], request: String) {
      self.init()
      self.request = request
      self.labels = labels
      values = WireValues(latents)
    }

    var sent: SentLatents {
      switch latents {
      case .values(let values): values.latents
      case .streams(let streams): streams.latents
      case nil: .values([], shape: [])
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
      batchSize = UInt32(clamping: description.limits.batchSize)
      messageSize = UInt64(clamping: description.limits.messageSize.bytes)
    }
  }

  extension ContinuousClock.Instant {
    /// Nanoseconds from then to now.
    var nanosecondsSince: UInt64 { UInt64(max(0, (.now - self) / .nanoseconds(1))) }
  }
#endif
