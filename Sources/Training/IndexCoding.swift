public import Codecs
public import Networks

/// How a device sends the indices of centres, and what a server makes of them before a tail that is not the
/// method's.
public struct IndexCoding: Sendable {
  /// The centres.
  public var quantizer: CenterQuantizer
  /// What protects the indices.
  public var code: BitCode
  /// From centres that arrived, and what the server knows besides, to what the tail takes.
  public var decoder: Network
  /// What the inputs of the decoder behind the first lie between, in their order.
  public var sideInputs: [(name: String, range: ClosedRange<Float>)]

  /// Describes how indices are sent.
  public init(
    quantizer: CenterQuantizer, code: BitCode, decoder: Network,
    sideInputs: [(name: String, range: ClosedRange<Float>)]
  ) {
    self.quantizer = quantizer
    self.code = code
    self.decoder = decoder
    self.sideInputs = sideInputs
  }
}
