internal import Codecs
internal import Splitting
internal import Tensors

/// A request's latents in single precision while they arrive, piece by piece.
///
/// What is not wanted is refused at the first piece, before there is memory for it.
public struct ArrivingLatents: ~Copyable, Sendable {
  private var values: SinglePrecision.Assembly
  private let count: Int

  /// - Parameters:
  ///   - shape: the shape of the whole batch, as its sender says.
  ///   - tail: what is taken.
  /// - Throws: ``ServiceRefusal/invalid(_:)`` and ``ServiceRefusal/tooMany(what:found:most:)``.
  init(shape: [Int], for tail: TailDescription) throws(ServiceRefusal) {
    let count = shape.first ?? 0
    try tail.checkCount(count)
    guard shape.dropFirst().elementsEqual(tail.latentShape.dimensions) else {
      throw ServiceRefusal.invalid(
        "latents of \(tail.latentShape) are taken, found a batch of shape \(shape)")
    }
    let batch = tail.latentShape.prepending(count)
    let most = tail.limits.requestSize.bytes
    guard 4 * batch.elementCount <= most else {
      throw ServiceRefusal.tooMany(what: "bytes", found: 4 * batch.elementCount, most: most)
    }
    values = SinglePrecision.Assembly(batch)
    self.count = count
  }

  /// Takes the bytes that come next.
  ///
  /// - Throws: ``ServiceRefusal/invalid(_:)`` if they are more than the shape takes.
  public mutating func append(_ bytes: RawSpan) throws(ServiceRefusal) {
    let missing = values.missingByteCount
    guard values.append(bytes) else {
      let expected = 4 * values.shape.elementCount
      throw wrongSize(found: "\(expected - missing + bytes.byteCount) or more")
    }
  }

  /// The latents.
  ///
  /// - Throws: ``ServiceRefusal/invalid(_:)`` if bytes are missing.
  public consuming func latents() throws(ServiceRefusal) -> SentLatents {
    let missing = values.missingByteCount
    let expected = 4 * values.shape.elementCount
    guard missing == 0 else { throw wrongSize(found: "\(expected - missing)") }
    return .values(values.tensor())
  }

  private func wrongSize(found: String) -> ServiceRefusal {
    .invalid(
      "\(count) latents of \(values.shape.droppingFirst()) take "
        + "\(4 * values.shape.elementCount) bytes, found \(found)")
  }
}
