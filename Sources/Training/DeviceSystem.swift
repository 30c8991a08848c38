public import Networks
internal import Splitting
public import Tensors

/// A network that runs on the device alone: nothing is sent, and no link is waited for.
public struct DeviceSystem: SplitSystem {
  /// What tables and plots call it.
  public let name: String

  /// The curve it is a point of: its own.
  public var family: String { name }

  /// False.
  public var isSplit: Bool { false }

  /// The parameters of the network in single precision.
  public let encoderBytes: Int

  /// Numbers in the network, statistics included.
  public let encoderParameters: Int

  /// Multiply-accumulates of the network for an image.
  public let deviceMACs: Int

  /// 0.
  public let serverMACs = 0

  /// 0.
  public let answerBytes = 0

  private let inputTransform: InputTransform
  private let network: Server
  private let shapes: [Shape]

  /// Creates a system.
  ///
  /// - Parameters:
  ///   - network: from a transformed image to logits or to the answers of tasks.
  ///   - inputTransform: what pixels go through first.
  public init(name: String, network: Network, inputTransform: InputTransform) {
    self.name = name
    self.inputTransform = inputTransform
    self.network = Server(network)
    let folded = network.folded()
    let cost = folded.cost
    encoderParameters = folded.parameterCount
    encoderBytes = cost.parameterBytes
    deviceMACs = cost.macs
    shapes = network.outputs.map { network.shapes[$0] ?? [] }
  }

  /// The answers to an image, one after the other.
  ///
  /// - Throws: `InputTransformError` if the channels do not fit.
  public func latent(_ pixels: Tensor<Float>) throws -> Tensor<Float> {
    let values = try network(try inputTransform(pixels)).flatMap(\.scalars)
    return Tensor([1, values.count], values)
  }

  /// The values as they lie in memory; they go nowhere.
  public func encode(_ latent: Tensor<Float>) throws -> [UInt8] {
    latent.scalars.withUnsafeBytes { Array($0) }
  }

  /// The values again.
  public func decode(_ bytes: [UInt8]) throws -> Tensor<Float> {
    let values = bytes.withUnsafeBytes { bytes in
      stride(from: 0, to: bytes.count - 3, by: 4).map {
        bytes.loadUnaligned(fromByteOffset: $0, as: Float.self)
      }
    }
    return Tensor([1, values.count], values)
  }

  /// The answers, apart again.
  public func answers(_ latents: Tensor<Float>) throws -> [Tensor<Float>] {
    let count = latents.shape[0]
    let length = latents.count / max(1, count)
    var start = 0
    return shapes.map { shape in
      let size = shape.elementCount
      defer { start += size }
      return latents.withUnsafeBufferPointer { source in
        Tensor(Shape([count] + shape.dimensions)) { target in
          for index in 0..<target.count {
            target.initializeElement(
              at: index, to: source[index / size * length + start + index % size])
          }
        }
      }
    }
  }

  /// Nil.
  public func estimatedBytes(_ latent: Tensor<Float>) throws -> Double? { nil }
}
