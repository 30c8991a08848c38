public import Datasets
public import Networks
internal import Splitting
public import Tensors

/// A network that runs on the server alone: the device sends the image, as it is or as a file.
///
/// Its latent is the image. What an image codec itself takes on the device is not counted: no
/// parameters, and no multiply-accumulates.
public struct InputSystem: SplitSystem {
  /// What the device sends.
  public enum Format: Hashable, Sendable {
    /// A byte for every value, and nothing else.
    case raw
    /// The bytes of an image file.
    ///
    /// The library writes grey images with three channels of colour; they cost a few bytes.
    case file(ImageFormat)
  }

  /// What tables and plots call it, such as `jpeg 50`.
  public let name: String

  /// The curve it is a point of, such as `jpeg`.
  public let family: String

  /// 0: there are no parameters on the device.
  public let encoderBytes = 0

  /// 0: the device computes nothing of the network.
  public let deviceMACs = 0

  /// Multiply-accumulates of the whole network for an image.
  public let serverMACs: Int

  private let format: Format
  private let imageShape: Shape
  private let inputTransform: InputTransform
  private let network: Server

  /// Creates a system.
  ///
  /// - Parameters:
  ///   - network: the whole network, from a transformed image to logits or to the answers of tasks.
  ///   - inputTransform: what pixels go through on the server.
  ///   - answerBytes: what the server sends back for an image, see `Server`.
  /// - Throws: `DatasetError` if the library cannot write the format, or not such images.
  public init(
    name: String, family: String, format: Format, network: Network, inputTransform: InputTransform,
    answerBytes: Int? = nil
  ) throws(DatasetError) {
    self.name = name
    self.family = family
    self.format = format
    self.network = Server(network, answerBytes: answerBytes)
    self.inputTransform = inputTransform
    imageShape = network.inputs[0].shape
    serverMACs = network.cost.macs
    guard case .file(let format) = format else { return }
    try ImageFile.requireSupport(of: format)
    guard PixelImage.holds(imageShape) else {
      throw .invalidOption(
        name: "input", value: "images of \(imageShape)", expected: "one or three channels")
    }
  }

  /// The pixels themselves.
  public func latent(_ pixels: Tensor<Float>) throws -> Tensor<Float> { pixels }

  /// The file of the image, or its values.
  ///
  /// - Throws: `DatasetError` if the image is too large for the format.
  public func encode(_ latent: Tensor<Float>) throws -> [UInt8] {
    precondition(
      latent.count == imageShape.elementCount, "InputSystem: \(latent.shape), not one image")
    let bytes = latent.withUnsafeBufferPointer { values in
      [UInt8](unsafeUninitializedCapacity: values.count) { target, count in
        for index in 0..<values.count {
          target[index] = UInt8(min(max(values[index].rounded(), 0), 255))
        }
        count = values.count
      }
    }
    guard case .file(let format) = format else { return bytes }
    return try ImageFile.encode(
      PixelImage(
        height: imageShape[0], width: imageShape[1], channels: imageShape[2], bytes: bytes),
      as: format)
  }

  /// The pixels of the file.
  ///
  /// - Throws: `DatasetError` if it is none, or of another size.
  public func decode(_ bytes: [UInt8]) throws -> Tensor<Float> {
    let (height, width, channels) = (imageShape[0], imageShape[1], imageShape[2])
    let pixels: [UInt8]
    if case .file = format {
      let image = try ImageFile.decode(bytes, name: name)
      guard image.height == height, image.width == width else {
        throw mismatch("\(image.height)×\(image.width) pixels")
      }
      pixels = channels == 1 ? image.grey().bytes : image.bytes
    } else {
      pixels = bytes
    }
    guard pixels.count == height * width * channels else { throw mismatch("\(bytes.count) bytes") }
    return Tensor([1, height, width, channels]) { target in
      for index in 0..<target.count {
        target.initializeElement(at: index, to: Float(pixels[index]))
      }
    }
  }

  private func mismatch(_ found: String) -> DatasetError {
    .malformed(file: name, what: "image", expected: "\(imageShape)", found: found)
  }

  /// Transforms the pixels and runs the network.
  ///
  /// - Throws: `InputTransformError` if the channels do not fit.
  public func answers(_ latents: Tensor<Float>) throws -> [Tensor<Float>] {
    try network(try inputTransform(latents))
  }

  /// Bytes of the answers for one image.
  public var answerBytes: Int { network.answerBytes }

  /// Nil: image codecs have no model of what is to come.
  public func estimatedBytes(_ latent: Tensor<Float>) throws -> Double? { nil }
}
