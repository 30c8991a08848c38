public import Tensors

/// The answers of a split system to a batch of images, and what was sent for each.
public struct AnsweredImages: Sendable {
  /// The answers, `[batch]` and the shape of an output each, as the device and the server give them.
  public let outputs: [Tensor<Float>]
  /// The bytes sent for each image; 0 where the device answers itself.
  public let bytes: [Int]
  /// How many images the device has answered itself.
  public let keptCount: Int
  /// The bytes that the system's own model expects for each image that is sent, if it has one.
  public let expectedBytes: [Double]
}

extension SplitSystem {
  /// Answers images through the bytes: each is encoded unless the device answers it, and what is
  /// decoded of all is answered together.
  ///
  /// - Parameter pixels: `[batch, height, width, channels]`, from 0 to 255; at least one image.
  /// - Throws: what keeps an image from being taken, sent or answered.
  public func answer(_ pixels: Tensor<Float>) throws -> AnsweredImages {
    let count = pixels.shape[0]
    var results = [Result<SentImage, any Error>?](repeating: nil, count: count)
    results.withUnsafeMutableBufferPointer { results in
      // Every image has a place of its own.
      nonisolated(unsafe) let results = results
      ThreadPool.current.forEach(count) { row in
        results[row] = Result { try SentImage(self, pixels.rows(row..<row + 1)) }
      }
    }
    let sent = try results.compactMap { try $0?.get() }
    return AnsweredImages(
      outputs: try outputs(of: sent), bytes: sent.map { isSplit ? $0.byteCount : 0 },
      keptCount: sent.count { $0.own != nil }, expectedBytes: sent.compactMap(\.expected))
  }

  /// The answers to a batch, those of the device and those of the server each in its place.
  private func outputs(of sent: [SentImage]) throws -> [Tensor<Float>] {
    let latents = sent.compactMap(\.latent)
    let remote = latents.isEmpty ? [] : try answers(Tensor.joined(latents))
    if latents.count == sent.count { return remote }
    var next = 0
    let rows = sent.map { image in
      if let own = image.own { return own }
      defer { next += 1 }
      return remote.map { $0.rows(next..<next + 1) }
    }
    return rows[0].indices.map { output in Tensor.joined(rows.map { $0[output] }) }
  }
}

/// What arrived of an image.
private struct SentImage {
  /// What the device has answered itself.
  let own: [Tensor<Float>]?
  /// What was decoded, unless it has.
  let latent: Tensor<Float>?
  let byteCount: Int
  let expected: Double?

  init(_ system: some SplitSystem, _ pixels: Tensor<Float>) throws {
    let computed = try system.latent(pixels)
    own = try system.deviceAnswers(computed)
    guard own == nil else {
      (latent, byteCount, expected) = (nil, 0, nil)
      return
    }
    let bytes = try system.encode(computed)
    byteCount = bytes.count
    expected = try system.estimatedBytes(computed)
    latent = try system.decode(bytes)
  }
}
