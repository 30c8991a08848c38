internal import RealModule

/// The bits of values under normal distributions, each of which is taken over an interval of one
/// around the value: Ballé and others 2018, https://arxiv.org/abs/1802.01436, section 3.
package struct GaussianBitsKernel: Sendable {
  /// The least probability, so that no value has bits without end.
  package static let leastProbability = 1e-9

  package let samples: Int
  package let values: Int

  /// Creates the kernel for so many values in each of so many samples.
  package init(samples: Int, values: Int) {
    self.samples = samples
    self.values = values
  }

  /// Writes the bits of each sample, `[samples]`.
  ///
  /// - Parameters:
  ///   - scale: the standard deviations, above 0.
  ///   - mean: the means, 0 if `nil`.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func measure<Scalar: TensorScalar>(
    _ y: UnsafePointer<Scalar>, scale: UnsafePointer<Scalar>, mean: UnsafePointer<Scalar>?,
    into bits: UnsafeMutablePointer<Scalar>
  ) {
    ThreadPool.current.forEach(samples) { sample in
      var sum: Scalar = 0
      for index in sample * values..<(sample + 1) * values {
        let distance = (y[index] - (mean?[index] ?? 0)).magnitude
        let found = probability(distance, scale[index])
        sum -= Scalar.log2(max(found, Scalar(Self.leastProbability)))
      }
      bits[sample] = sum
    }
  }

  /// Writes the gradients of the values and of the standard deviations; that of the means is the
  /// first, negated.
  ///
  /// - Parameter gradient: that of each sample's bits, `[samples]`.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func pullBack<Scalar: TensorScalar>(
    _ gradient: UnsafePointer<Scalar>, y: UnsafePointer<Scalar>, scale: UnsafePointer<Scalar>,
    mean: UnsafePointer<Scalar>?, into dy: UnsafeMutablePointer<Scalar>,
    _ dscale: UnsafeMutablePointer<Scalar>
  ) {
    let least = Scalar(Self.leastProbability)
    ThreadPool.current.forEach(samples) { sample in
      let slope = -gradient[sample] / Scalar.log(2)
      for index in sample * values..<(sample + 1) * values {
        let value = y[index] - (mean?[index] ?? 0)
        let width = scale[index]
        let found = probability(value.magnitude, width)
        // A probability below the least is still pushed up, as by the operation `LowerBound`.
        guard found >= least || slope < 0 else {
          dy[index] = 0
          dscale[index] = 0
          continue
        }
        let upper = (0.5 - value.magnitude) / width
        let lower = (-0.5 - value.magnitude) / width
        let (above, below) = (density(upper), density(lower))
        let factor = slope / (max(found, least) * width)
        let side = factor * (below - above)
        dy[index] = value < 0 ? -side : side
        dscale[index] = factor * (lower * below - upper * above)
      }
    }
  }

  /// The probability of values within a half of one so far from the mean.
  @inline(__always)
  private func probability<Scalar: TensorScalar>(_ distance: Scalar, _ scale: Scalar) -> Scalar {
    // On the side where the function is small, its differences have all their digits.
    let unit = 1 / (scale * Scalar.sqrt(2))
    return 0.5 * (Scalar.erfc((distance - 0.5) * unit) - Scalar.erfc((distance + 0.5) * unit))
  }

  @inline(__always)
  private func density<Scalar: TensorScalar>(_ x: Scalar) -> Scalar {
    Scalar.exp(-0.5 * x * x) / Scalar.sqrt(2 * Scalar.pi)
  }
}
