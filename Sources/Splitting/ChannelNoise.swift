public import Tensors

/// What a link does to a latent on its way: Gaussian noise, and lost elements that arrive as zero.
///
/// `z̃ = m ⊙ (z' + n)` with `m ~ Bernoulli(1 − p)` and `n ~ N(0, σ²)`; nothing is rescaled
/// (SALT, arXiv 2603.14958). Each row of the outermost axis, a sample of a batch, is sent apart and
/// has its own random stream, so that results do not depend on the number of threads.
public struct ChannelNoise: Hashable, Sendable {
  /// The probability that an element, or the packet it is in, is lost; 0 to 1.
  public let loss: Double
  /// How many consecutive elements of a sample are lost together.
  public let elementsPerPacket: Int
  /// The standard deviation of the noise.
  public let standardDeviation: Double
  /// Where the noise is added.
  public let placement: Link.NoisePlacement

  /// Creates the noise of a link.
  public init(_ link: Link) {
    loss = link.loss
    elementsPerPacket = link.packetSize.map { $0.bytes / Link.elementByteCount } ?? 1
    standardDeviation = link.noise
    placement = link.noisePlacement
  }

  /// A latent as it arrives.
  public struct Received: Sendable {
    /// The latent, of the shape that was sent.
    public let latent: Tensor<Float>
    /// 1 where an element arrived, 0 where it was lost, of the same shape; nil if nothing can be
    /// lost.
    public let mask: Tensor<Float>?

    /// The gradient of what was sent, given that of what arrived: lost elements have none.
    ///
    /// - Precondition: the gradient has the shape of the latent.
    public func sentGradient(_ gradient: Tensor<Float>) -> Tensor<Float> {
      precondition(
        gradient.shape == latent.shape,
        "ChannelNoise: gradient of shape \(gradient.shape) for a latent of shape \(latent.shape)")
      return mask.map { product(gradient, $0) } ?? gradient
    }
  }

  /// What the adapter takes in: with noise if that is where it is added, else unchanged.
  public func beforeAdapter(
    _ latent: Tensor<Float>, using source: inout RandomSource
  ) -> Tensor<Float> {
    guard placement == .beforeAdapter else { return latent }
    return addingNoise(to: latent, using: &source)
  }

  /// Sends a latent: adds noise if it belongs after the adapter, then loses elements.
  public func transmit(_ latent: Tensor<Float>, using source: inout RandomSource) -> Received {
    let noisy =
      placement == .afterAdapter ? addingNoise(to: latent, using: &source) : latent
    guard loss > 0, latent.count > 0 else { return Received(latent: noisy, mask: nil) }
    let mask = mask(latent.shape, using: &source)
    return Received(latent: product(noisy, mask), mask: mask)
  }

  /// Adds Gaussian noise to every element; the latent itself if the deviation is 0.
  private func addingNoise(
    to latent: Tensor<Float>, using source: inout RandomSource
  ) -> Tensor<Float> {
    guard standardDeviation > 0, latent.count > 0 else { return latent }
    let seed = source.next()
    let deviation = standardDeviation
    return latent.withUnsafeBufferPointer { sent in
      ChannelNoise.rows(latent.shape, seed: seed, purpose: "noise") { row, stream, target in
        for index in row {
          target[index] = sent[index] + Float(deviation * stream.normal())
        }
      }
    }
  }

  /// A tensor of ones with a zero for each element that is lost.
  private func mask(_ shape: Shape, using source: inout RandomSource) -> Tensor<Float> {
    let seed = source.next()
    let (loss, packet) = (loss, elementsPerPacket)
    return ChannelNoise.rows(shape, seed: seed, purpose: "loss") { row, stream, target in
      for start in stride(from: row.lowerBound, to: row.upperBound, by: packet) {
        let value: Float = stream.uniform() < loss ? 0 : 1
        for index in start..<min(start + packet, row.upperBound) { target[index] = value }
      }
    }
  }

  /// Fills a tensor row by row, in parallel, each row with a random stream of its own.
  private static func rows(
    _ shape: Shape, seed: UInt64, purpose: String,
    _ fill: (Range<Int>, inout RandomSource, UnsafeMutablePointer<Float>) -> Void
  ) -> Tensor<Float> {
    Tensor(shape) { buffer in
      guard let target = buffer.baseAddress else { return }
      let rowCount = shape.rank > 1 ? shape[0] : 1
      let rowLength = buffer.count / max(rowCount, 1)
      ThreadPool.current.forEachChunk(of: rowCount) { chunk in
        for row in chunk {
          var stream = RandomSource(seed: seed, purpose: purpose, index: row)
          fill(row * rowLength..<(row + 1) * rowLength, &stream, target)
        }
      }
    }
  }
}

/// The element-wise product in which 0 in the mask gives 0, even for an element that is not finite.
private func product(_ tensor: Tensor<Float>, _ mask: Tensor<Float>) -> Tensor<Float> {
  tensor.withUnsafeBufferPointer { values in
    mask.withUnsafeBufferPointer { mask in
      Tensor(tensor.shape) { target in
        for index in 0..<values.count {
          target.initializeElement(at: index, to: mask[index] == 0 ? 0 : values[index])
        }
      }
    }
  }
}
