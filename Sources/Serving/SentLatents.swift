public import Codecs
public import Tensors

/// A batch of latents as they cross the link.
public enum SentLatents: Sendable {
  /// The values in single precision.
  case values(Tensor<Float>)
  /// A codec's stream for each latent, and the name of the tables they were written with.
  case streams([[UInt8]], tables: String?)

  /// How many latents there are, as the sender says.
  public var count: Int {
    switch self {
    case .values(let batch): batch.shape.dimensions.first ?? 0
    case .streams(let streams, _): streams.count
    }
  }

  /// The name of the tables that streams were written with.
  public var tablesName: String? {
    switch self {
    case .values: nil
    case .streams(_, let name): name
    }
  }

  /// Bytes that cross, without what a protocol puts around them.
  public var byteCount: Int {
    switch self {
    case .values(let batch): batch.byteCount
    case .streams(let streams, _): streams.reduce(0) { $0 + $1.count }
    }
  }

  /// Reads the batch.
  ///
  /// - Parameters:
  ///   - latentShape: the shape of one latent; any other is refused before anything is allocated.
  ///   - tables: what streams may have been written with.
  /// - Throws: ``ServiceRefusal/invalid(_:)`` for any bytes that are no such batch.
  public func batch(
    of latentShape: Shape, tables: CodecTables
  ) throws -> Tensor<Float> {
    switch self {
    case .values(let batch):
      guard batch.shape.rank > 0, batch.shape.droppingFirst() == latentShape else {
        throw ServiceRefusal.invalid(
          "latents of \(latentShape) are taken, found a batch of shape "
            + "\(batch.shape.dimensions)")
      }
      return batch
    case .streams(let streams, _):
      var latents: [Tensor<Float>] = []
      for (index, bytes) in streams.enumerated() {
        do throws(CodecError) {
          let stream = try LatentStream(bytes, mostElements: latentShape.elementCount)
          guard stream.shape == latentShape else {
            throw CodecError.shape(expected: latentShape, found: stream.shape)
          }
          latents.append(
            try stream.latent(tables: tables).reshaped(to: latentShape.prepending(1)))
        } catch {
          throw ServiceRefusal.invalid("stream \(index): \(error)")
        }
      }
      return Tensor.joined(latents)
    }
  }
}
