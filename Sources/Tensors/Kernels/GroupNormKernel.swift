// x: input, w: weight, b: bias, g: gradient of the value; for each image and group of channels
// x̂ = (x − mean) · r with r = 1 / √(variance + ε); M: elements of a group of one image.

/// Normalisation of groups of channels of channels-last images `[images, positions, channels]`.
package struct GroupNormKernel: Sendable {
  package let images: Int
  package let positions: Int
  package let channels: Int
  package let groups: Int

  /// Creates the kernel; the groups divide the channels.
  package init(images: Int, positions: Int, channels: Int, groups: Int) {
    self.images = images
    self.positions = positions
    self.channels = channels
    self.groups = groups
  }

  private var size: Int { channels / groups }

  /// Writes the normalised images and the statistics.
  ///
  /// - Parameter statistics: the mean and r of each image and channel, `[images, 2, channels]`
  ///   (equal within a group).
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func normalize<Scalar: TensorScalar>(
    _ x: UnsafePointer<Scalar>, weight: UnsafePointer<Scalar>?, bias: UnsafePointer<Scalar>?,
    into y: UnsafeMutablePointer<Scalar>, statistics: UnsafeMutablePointer<Scalar>,
    epsilon: Scalar
  ) {
    let count = Scalar(positions * size)
    ThreadPool.current.forEachChunk(of: images, grain: imageGrain) { range in
      withScratch(2 * channels) { (scratch: UnsafeMutablePointer<Scalar>) in
        let scale = scratch
        let shift = scratch + channels
        for image in range {
          let x = x + image * positions * channels
          let y = y + image * positions * channels
          let mean = statistics + 2 * image * channels
          let r = mean + channels
          mean.update(repeating: 0, count: channels)
          for position in 0..<positions {
            mapElements(mean, x + position * channels, into: mean, count: channels) { $0 + $1 }
          }
          sumGroups(mean)
          for channel in 0..<channels { mean[channel] /= count }
          r.update(repeating: 0, count: channels)
          for position in 0..<positions {
            mapElements(r, x + position * channels, mean, into: r, count: channels) {
              $0 + ($1 - $2) * ($1 - $2)
            }
          }
          sumGroups(r)
          for channel in 0..<channels {
            r[channel] = 1 / (r[channel] / count + epsilon).squareRoot()
            scale[channel] = (weight?[channel] ?? 1) * r[channel]
            shift[channel] = (bias?[channel] ?? 0) - mean[channel] * scale[channel]
          }
          for position in 0..<positions {
            let offset = position * channels
            mapElements(x + offset, scale, shift, into: y + offset, count: channels) {
              $0 * $1 + $2
            }
          }
        }
      }
    }
  }

  /// Writes the gradient of the input (unless `nil`) and each image's share of the gradients of
  /// weight and bias.
  ///
  /// `dx = r (g w − Σ g w / M − x̂ Σ g w x̂ / M)`, sums over an image's group.
  ///
  /// - Parameters:
  ///   - weightShares: `Σ g x̂` over positions, `[images, channels]`.
  ///   - biasShares: `Σ g` over positions, `[images, channels]`.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func pullBack<Scalar: TensorScalar>(
    _ g: UnsafePointer<Scalar>, x: UnsafePointer<Scalar>, weight: UnsafePointer<Scalar>?,
    statistics: UnsafePointer<Scalar>, into dx: UnsafeMutablePointer<Scalar>?,
    weightShares: UnsafeMutablePointer<Scalar>, biasShares: UnsafeMutablePointer<Scalar>
  ) {
    let count = Scalar(positions * size)
    ThreadPool.current.forEachChunk(of: images, grain: imageGrain) { range in
      withScratch(4 * channels) { (scratch: UnsafeMutablePointer<Scalar>) in
        let sums = scratch
        let products = scratch + channels
        let ofGradient = scratch + 2 * channels
        let ofInput = scratch + 3 * channels
        for image in range {
          let start = image * positions * channels
          let mean = statistics + 2 * image * channels
          let r = mean + channels
          let weightShare = weightShares + image * channels
          let biasShare = biasShares + image * channels
          weightShare.update(repeating: 0, count: channels)
          biasShare.update(repeating: 0, count: channels)
          for position in 0..<positions {
            let offset = start + position * channels
            mapElements(biasShare, g + offset, into: biasShare, count: channels) { $0 + $1 }
            mapElements(x + offset, mean, into: sums, count: channels) { $0 - $1 }
            mapElements(weightShare, g + offset, sums, into: weightShare, count: channels) {
              $0 + $1 * $2
            }
          }
          mapElements(weightShare, r, into: weightShare, count: channels) { $0 * $1 }
          guard let dx else { continue }
          for channel in 0..<channels {
            let weight = weight?[channel] ?? 1
            sums[channel] = weight * biasShare[channel]
            products[channel] = weight * weightShare[channel]
            ofGradient[channel] = weight * r[channel]
          }
          sumGroups(sums)
          sumGroups(products)
          // dx = g · ofGradient + x · ofInput + constant; the constant replaces the sums.
          for channel in 0..<channels {
            let r = r[channel]
            ofInput[channel] = -r * r * products[channel] / count
            sums[channel] = -r * sums[channel] / count - ofInput[channel] * mean[channel]
          }
          for position in 0..<positions {
            let offset = start + position * channels
            mapElements(x + offset, ofInput, sums, into: dx + offset, count: channels) {
              $0 * $1 + $2
            }
            mapElements(dx + offset, g + offset, ofGradient, into: dx + offset, count: channels) {
              $0 + $1 * $2
            }
          }
        }
      }
    }
  }

  /// Replaces each channel's number by the sum over its group.
  @inline(__always)
  private func sumGroups<Scalar: TensorScalar>(_ values: UnsafeMutablePointer<Scalar>) {
    guard size > 1 else { return }
    for group in 0..<groups {
      let values = values + group * size
      var sum: Scalar = 0
      for channel in 0..<size { sum += values[channel] }
      values.update(repeating: sum, count: size)
    }
  }

  /// The images worth a thread.
  private var imageGrain: Int { max(1, elementGrain / (4 * max(positions * channels, 1))) }
}

/// Lends memory for some elements during a call.
@inline(__always)
func withScratch<Scalar: TensorScalar>(
  _ count: Int, _ body: (UnsafeMutablePointer<Scalar>) -> Void
) {
  var scratch = Tensor<Scalar>([count]) { _ in }
  scratch.withUnsafeMutableBufferPointer { if let base = $0.baseAddress { body(base) } }
}
