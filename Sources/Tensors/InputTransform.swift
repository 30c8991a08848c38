/// What turns pixels from 0 to 255 into a network's input: `(x / scale − mean) / std`, for every
/// channel, in exactly that order in single precision.
public struct InputTransform: Hashable, Sendable {
  /// What pixels are divided by first.
  public let scale: Float
  /// What is subtracted then: one number for all channels, or one for each.
  public let mean: [Float]
  /// What the difference is divided by: one number for all channels, or one for each.
  public let std: [Float]

  /// The transform that changes nothing.
  public static let identity = InputTransform(uncheckedScale: 1, mean: [0], std: [1])

  /// Creates a transform.
  ///
  /// - Throws: ``InputTransformError`` if the scale or a deviation is
  ///   not a positive number, a mean is not finite, or there are several means and another number of
  ///   deviations.
  public init(scale: Float = 1, mean: [Float] = [0], std: [Float] = [1]) throws(InputTransformError)
  {
    guard scale.isFinite, scale > 0 else {
      throw InputTransformError(name: "scale", value: "\(scale)", expected: "a positive number")
    }
    guard !mean.isEmpty, mean.allSatisfy(\.isFinite) else {
      throw InputTransformError(
        name: "mean", value: "\(mean)", expected: "one number or one a channel")
    }
    guard !std.isEmpty, std.allSatisfy({ $0.isFinite && $0 > 0 }) else {
      throw InputTransformError(
        name: "std", value: "\(std)", expected: "one positive number or one a channel")
    }
    guard mean.count == std.count || mean.count == 1 || std.count == 1 else {
      throw InputTransformError(
        name: "std", value: "\(std)", expected: "\(mean.count) numbers as in mean, or one")
    }
    self.init(uncheckedScale: scale, mean: mean, std: std)
  }

  private init(uncheckedScale scale: Float, mean: [Float], std: [Float]) {
    self.scale = scale
    self.mean = mean
    self.std = std
  }

  /// Checks that the transform fits images with a number of channels.
  ///
  /// - Throws: ``InputTransformError``.
  public func validate(channels: Int) throws(InputTransformError) {
    for (name, values) in [("mean", mean), ("std", std)]
    where values.count != 1 && values.count != channels {
      throw InputTransformError(
        name: name, value: "\(values)",
        expected: channels == 1 ? "one number" : "one number, or \(channels), one a channel")
    }
  }

  /// The transformed value of a pixel in a channel.
  public func callAsFunction(_ pixel: Float, channel: Int) -> Float {
    (pixel / scale - mean[mean.count == 1 ? 0 : channel]) / std[std.count == 1 ? 0 : channel]
  }

  /// The transformed images; channels are the last axis.
  ///
  /// - Throws: ``InputTransformError`` if the channels do not fit.
  public func callAsFunction(_ images: Tensor<Float>) throws(InputTransformError) -> Tensor<Float> {
    guard self != .identity else { return images }
    let channels = images.shape[-1]
    try validate(channels: channels)
    return images.withUnsafeBufferPointer { source in
      Tensor(images.shape) { target in
        for index in 0..<source.count {
          target.initializeElement(at: index, to: self(source[index], channel: index % channels))
        }
      }
    }
  }

  /// The transformed value of every byte in every channel, at `byte · channels + channel`.
  package func table(channels: Int) -> [Float] {
    (0..<256).flatMap { byte in (0..<channels).map { self(Float(byte), channel: $0) } }
  }
}

extension InputTransform: Codable {
  package enum CodingKeys: String, CodingKey, CaseIterable {
    case scale
    case mean
    case std
  }

  /// Reads a transform; missing parts change nothing.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    do {
      try self.init(
        scale: container.decodeIfPresent(Float.self, forKey: .scale) ?? 1,
        mean: container.decodeIfPresent([Float].self, forKey: .mean) ?? [0],
        std: container.decodeIfPresent([Float].self, forKey: .std) ?? [1])
    } catch let error as InputTransformError {
      throw DecodingError.dataCorrupted(
        DecodingError.Context(codingPath: decoder.codingPath, debugDescription: "\(error)"))
    }
  }

  /// Writes all three parts.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(scale, forKey: .scale)
    try container.encode(mean, forKey: .mean)
    try container.encode(std, forKey: .std)
  }
}

/// Why numbers do not make an input transform, or not one for certain images.
public struct InputTransformError: Error, Hashable, CustomStringConvertible {
  /// The part that is wrong: `scale`, `mean` or `std`.
  public let name: String
  /// What it is.
  public let value: String
  /// What it would have to be.
  public let expected: String

  /// The part, what it is, and what was expected.
  public var description: String { "\(name) is \(value), expected \(expected)" }
}
