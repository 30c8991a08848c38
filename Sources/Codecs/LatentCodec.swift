public import Tensors

/// A way to write a latent as bytes and read it again.
///
/// A stream says everything its decoder needs but calibrated tables, which it names by number.
/// Decoding is a function of the bytes and those tables, computed in integers up to the last
/// scaling, so that every machine decodes the same values.
public protocol LatentCodec: Sendable {
  /// The number of the codec in streams; never given to another one.
  static var number: UInt8 { get }

  /// The name of the codec in recipes and tables, such as `fp16`.
  static var name: String { get }

  /// The settings of the encoder by name; a decoder needs none of them.
  var settings: [String: CodecDescription.Setting] { get }

  /// Writes what stands after a stream's header.
  ///
  /// - Throws: ``CodecError`` if the latent holds what the codec cannot.
  func encode(_ latent: Tensor<Float>, into writer: inout ByteWriter) throws(CodecError)

  /// The bytes that the codec's calibrated tables expect for a latent, without any header; nil for
  /// codecs without such tables.
  ///
  /// - Throws: ``CodecError`` if the latent holds what the codec cannot.
  func expectedBytes(_ latent: Tensor<Float>) throws(CodecError) -> Double?

  /// Multiply-accumulates that writing a latent of a shape takes, beside entropy coding; 0 for codecs
  /// without a network of their own.
  func multiplyAccumulates(_ shape: Shape) -> Int

  /// Reads a latent of a shape.
  ///
  /// - Throws: ``CodecError`` for any bytes that ``encode(_:into:)`` did not write.
  static func decode(
    _ reader: inout ByteReader, shape: Shape, tables: CodecTables
  ) throws(CodecError) -> Tensor<Float>
}

extension LatentCodec {
  /// Nil: there are no tables.
  public func expectedBytes(_ latent: Tensor<Float>) throws(CodecError) -> Double? { nil }

  /// 0: there is no network.
  public func multiplyAccumulates(_ shape: Shape) -> Int { 0 }

  /// The stream of a latent of any shape.
  ///
  /// - Throws: ``CodecError`` if the latent holds what the codec cannot.
  public func stream(_ latent: Tensor<Float>) throws(CodecError) -> [UInt8] {
    var payload = ByteWriter()
    try encode(latent, into: &payload)
    return LatentStream(codec: Self.number, shape: latent.shape, payload: payload.bytes).bytes
  }
}

/// Every codec a stream can name.
public enum CodecRegistry {
  /// The codecs, one line each.
  public static let types: [any LatentCodec.Type] = [
    IdentityCodec.self,
    HalfPrecisionCodec.self,
    PackedCodec.self,
    RANSCodec.self,
    ContextCodec.self,
    FactorizedCodec.self,
    HyperpriorCodec.self,
    SLICERCodec.self,
  ]
}
