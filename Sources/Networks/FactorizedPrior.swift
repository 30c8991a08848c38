internal import Foundation
public import Tensors

/// The learned distribution of each channel of a latent, in double precision: medians, tails, and
/// the probabilities of integers, for tables.
///
/// Source: Ballé and others 2018, https://arxiv.org/abs/1802.01436, appendix 6.1.
public struct FactorizedPrior: Sendable {
  /// The extent of the latent's last axis.
  public let channels: Int

  /// For each channel and layer the weights above 0, biases and factors.
  private let layers: [[Layer]]

  private struct Layer {
    var weights: [Double]
    var biases: [Double]
    var factors: [Double]
  }

  /// Takes the parameters of an ``EntropyBottleneckLayer``, in their order.
  ///
  /// - Precondition: they have the shapes of such a layer.
  public init<Scalar: TensorScalar>(_ parameters: [Tensor<Scalar>]) {
    let channels = parameters[0].shape[0]
    let values = parameters.map { $0.scalars.map { Double($0) } }
    self.channels = channels
    layers = (0..<channels).map { channel in
      func own(_ index: Int) -> ArraySlice<Double> {
        let count = values[index].count / channels
        return values[index][channel * count..<(channel + 1) * count]
      }
      return (0..<5).map { layer in
        Layer(
          weights: own(3 * layer).map { $0 > 30 ? $0 : log1p(exp($0)) },
          biases: Array(own(3 * layer + 1)),
          factors: layer < 4 ? own(3 * layer + 2).map { tanh($0) } : [])
      }
    }
  }

  /// The logit of the probability of values below x.
  func logit(_ x: Double, channel: Int) -> Double {
    var values = [x]
    for layer in layers[channel] {
      values = layer.biases.enumerated().map { row, bias in
        var sum = bias
        for (column, value) in values.enumerated() {
          sum += layer.weights[row * values.count + column] * value
        }
        return layer.factors.isEmpty ? sum : sum + layer.factors[row] * tanh(sum)
      }
    }
    return values[0]
  }

  /// The value that a share of the distribution lies below, found by bisection.
  ///
  /// - Precondition: a share between 0 and 1.
  public func quantile(_ share: Double, channel: Int) -> Double {
    precondition(share > 0 && share < 1, "FactorizedPrior: the quantile of \(share)")
    let target = log(share / (1 - share))
    let farthest = 0x1p24
    var low = -1.0
    var high = 1.0
    while low > -farthest, logit(low, channel: channel) > target { low *= 2 }
    while high < farthest, logit(high, channel: channel) < target { high *= 2 }
    while high - low > 1e-6 * max(1, abs(low)) {
      let middle = (low + high) / 2
      if logit(middle, channel: channel) < target { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }

  /// The median of each channel.
  public var medians: [Float] { (0..<channels).map { Float(quantile(0.5, channel: $0)) } }

  /// The probability of values within a half of x.
  public func probability(_ x: Double, channel: Int) -> Double {
    let upper = logit(x + 0.5, channel: channel)
    let lower = logit(x - 0.5, channel: channel)
    // The side on which the logistic function is not yet flat.
    let sign: Double = upper + lower > 0 ? -1 : 1
    func logistic(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
    return abs(logistic(sign * upper) - logistic(sign * lower))
  }

  /// The probabilities of a channel's values, each a whole number from its median.
  ///
  /// - Parameters:
  ///   - median: what values are counted from.
  ///   - tail: the share of the distribution that may be missing.
  ///   - most: the most values.
  /// - Returns: the lowest value, and the probability of it and each above.
  public func table(
    channel: Int, median: Float, tail: Double = 1e-9, most: Int = 2048
  ) -> (lowest: Int, probabilities: [Double]) {
    let centre = Double(median)
    let bound = Double(most / 2 - 1)
    let below = max(-bound, (quantile(tail / 2, channel: channel) - centre).rounded(.down))
    let above = min(bound, (quantile(1 - tail / 2, channel: channel) - centre).rounded(.up))
    let lowest = Int(min(below, 0))
    let highest = Int(max(above, 0))
    return (
      lowest,
      (lowest...highest).map { probability(centre + Double($0), channel: channel) }
    )
  }
}
