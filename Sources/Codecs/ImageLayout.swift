internal import CKernels
internal import Tensors

/// A latent seen as an image: the last axis its channels, the one before its width, and whatever is
/// before that its height.
struct ImageLayout {
  let height: Int
  let width: Int
  let channels: Int

  /// - Throws: ``CodecError/shape(expected:found:)`` if there are other channels.
  init(_ shape: Shape, channels: Int) throws(CodecError) {
    let own = shape.rank > 0 ? shape[-1] : 1
    guard own == channels else { throw .shape(expected: [channels], found: shape) }
    self.channels = own
    width = shape.rank > 1 ? shape[-2] : 1
    height = shape.rank > 2 ? shape.product(0..<shape.rank - 2) : 1
  }

  /// Symbols counted from the zero's, modulo how many there are: what tables of several latents
  /// have in common, whose zeros may be different symbols.
  static func centred(
    _ symbols: consuming [UInt16], _ quantizer: AffineQuantizer
  ) -> [UInt16] {
    shifted(symbols, by: 0 &- UInt16(quantizer.zeroSymbol), quantizer)
  }

  /// The symbols of ``centred(_:_:)``.
  static func uncentred(
    _ symbols: consuming [UInt16], _ quantizer: AffineQuantizer
  ) -> [UInt16] {
    shifted(symbols, by: UInt16(quantizer.zeroSymbol), quantizer)
  }

  private static func shifted(
    _ symbols: consuming [UInt16], by shift: UInt16, _ quantizer: AffineQuantizer
  ) -> [UInt16] {
    let mask = UInt16(quantizer.symbolCount - 1)
    symbols.withUnsafeMutableBufferPointer { symbols in
      guard let base = symbols.baseAddress else { return }
      for index in 0..<symbols.count { base[index] = (base[index] &+ shift) & mask }
    }
    return symbols
  }

  /// Calls a body with what the kernels take.
  func withContexts<Result>(
    bits: Int, precision: Int = 0, cumulative: [UInt16] = [],
    _ body: (UnsafePointer<rans_contexts>) -> Result
  ) -> Result {
    let kind = ContextKind(bits: bits)
    return kind.buckets.withUnsafeBufferPointer { buckets in
      kind.coarseBuckets.withUnsafeBufferPointer { coarse in
        cumulative.withUnsafeBufferPointer { cumulative in
          var contexts = rans_contexts(
            height: height, width: width, channels: channels, bits: Int32(bits),
            precision: Int32(precision), bucket: buckets.baseAddress,
            buckets: ContextKind.bucketCount, coarse: coarse.baseAddress,
            coarse_buckets: kind.coarseCount, cumulative: cumulative.baseAddress)
          return body(&contexts)
        }
      }
    }
  }

  /// Where in the tables each centred symbol's begins.
  func rows(of symbols: [UInt16], bits: Int) -> [UInt32] {
    withContexts(bits: bits) { contexts in
      [UInt32](unsafeUninitializedCapacity: symbols.count) { rows, count in
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 4 * (width + 2) * channels) {
          bytes in
          withUnsafeTemporaryAllocation(of: UInt32.self, capacity: width * channels) { bases in
            guard let rows = rows.baseAddress else { return }
            rans_rows(contexts, symbols, rows, bytes.baseAddress, bases.baseAddress)
          }
        }
        count = symbols.count
      }
    }
  }
}
