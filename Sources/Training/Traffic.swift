/// Messages of a system for images and the operations they take, image by image.
public struct Traffic: Sendable {
  /// One image.
  public struct Message: Hashable, Sendable {
    /// The bytes that are sent; 0 for an image that the device answers itself.
    public var bytes: Int
    /// Indicates whether it is sent.
    public var isSent: Bool
    /// The bytes that the system's own model expects; nil if it has none, or nothing is sent.
    public var expectedBytes: Double?
    /// Multiply-accumulates on the device.
    public var deviceMACs: Int
    /// Multiply-accumulates on the server.
    public var serverMACs: Int

    /// Describes an image.
    public init(
      bytes: Int, isSent: Bool, expectedBytes: Double?, macs: (device: Int, server: Int)
    ) {
      self.bytes = bytes
      self.isSent = isSent
      self.expectedBytes = expectedBytes
      deviceMACs = macs.device
      serverMACs = macs.server
    }
  }

  /// The images in their order.
  public var messages: [Message]

  /// Collects images.
  public init(_ messages: [Message] = []) { self.messages = messages }

  /// The bytes of each image.
  public var bytes: [Int] { messages.map(\.bytes) }

  /// The share of the images that are sent; nil without images.
  public var sentShare: Double? { mean(messages.map { $0.isSent ? 1 : 0 }) }

  /// The mean bytes of the images that are sent; nil if none is.
  public var sentBytes: Double? { mean(messages.filter(\.isSent).map { Double($0.bytes) }) }

  /// The mean of the bytes that the system's own model expects; nil if it has none.
  public var expectedBytes: Double? { mean(messages.compactMap(\.expectedBytes)) }

  /// The mean multiply-accumulates on the device for an image; nil without images.
  public var deviceMACs: Double? { mean(messages.map { Double($0.deviceMACs) }) }

  /// The mean multiply-accumulates on the server for an image; nil without images.
  public var serverMACs: Double? { mean(messages.map { Double($0.serverMACs) }) }

  /// The bytes over all images, those that are not sent as 0; nil without images.
  public var stream: EvaluationReport.StreamBytes? {
    EvaluationReport.StreamBytes(of: bytes.map(Double.init), expected: expectedBytes)
  }

  private func mean(_ values: [Double]) -> Double? {
    values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }
}
