internal import Synchronization
public import Tensors

extension LatentCodec {
  /// Writes every latent of a batch as a stream of its own and reads it again.
  ///
  /// - Parameters:
  ///   - batch: `[latents] + shape`.
  ///   - tables: what decoding needs.
  /// - Returns: what is read, of the batch's shape, and the bytes of each stream.
  /// - Throws: ``CodecError`` if a latent cannot be encoded.
  public func transmitted(
    _ batch: Tensor<Float>, tables: CodecTables = .none
  ) throws(CodecError) -> (received: Tensor<Float>, bytes: [Int]) {
    let count = batch.shape[0]
    let shape = batch.shape.droppingFirst()
    let results = Mutex<[Int: Result<(Tensor<Float>, Int), CodecError>]>([:])
    ThreadPool.current.forEachChunk(of: count) { range in
      for index in range {
        let result = Result { () throws(CodecError) in
          let bytes = try stream(batch.rows(index..<index + 1).reshaped(to: shape))
          return (try LatentStream(bytes).latent(tables: tables), bytes.count)
        }
        results.withLock { $0[index] = result }
      }
    }
    var received: [Float] = []
    received.reserveCapacity(batch.count)
    var bytes: [Int] = []
    for index in 0..<count {
      guard let result = results.withLock({ $0[index] }) else { continue }
      let (latent, size) = try result.get()
      latent.withUnsafeBufferPointer { received.append(contentsOf: $0) }
      bytes.append(size)
    }
    return (Tensor(batch.shape, received), bytes)
  }
}
