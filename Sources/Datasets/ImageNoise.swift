internal import Foundation
internal import Tensors

/// Disturbance of single elements of images, a byte of a pixel each; it follows from the seed and
/// the sample alone.
public struct ImageNoise: Hashable, Sendable {
  /// How elements are disturbed.
  public enum Kind: String, CaseIterable, Sendable {
    /// Not at all.
    case none
    /// A share of the elements, chosen at random, is black or white, half of them each.
    case saltAndPepper = "salt_and_pepper"
    /// As the code of MTL-Split has it (Capogrosso et al. 2024, https://arxiv.org/abs/2407.05982):
    /// it thresholds normal draws, z ≤ t and z ≥ 1 − t, where uniform ones would be meant.
    ///
    /// The paper's t = 0.08 so disturbs 71 % of the elements and not 16 %: 53 % become 250 and 18 %
    /// become 5.
    ///
    /// Deviation: the authors draw anew whenever an image is read, while here an image keeps its
    /// noise.
    case snpn
  }

  /// The paper's threshold, and the amount if none is given.
  public static let usualAmount = 0.08

  /// How elements are disturbed.
  public let kind: Kind
  /// The share of the elements for ``Kind/saltAndPepper``, the threshold t for ``Kind/snpn``.
  public let amount: Double

  /// No noise.
  public static let none = ImageNoise(kind: .none, checked: 0)

  private init(kind: Kind, checked amount: Double) {
    self.kind = kind
    self.amount = amount
  }

  /// Creates a noise.
  ///
  /// - Throws: ``DatasetError/invalidOption(name:value:expected:)`` for an amount that is not above
  ///   0, or above the most there is: 1, for ``Kind/snpn`` 0.5.
  public init(_ kind: Kind, amount: Double = ImageNoise.usualAmount) throws(DatasetError) {
    let most = kind == .snpn ? 0.5 : 1
    guard kind == .none || (amount > 0 && amount <= most) else {
      throw .invalidOption(
        name: "noise_amount", value: "\(amount)", expected: "a number above 0, at most \(most)")
    }
    self.init(kind: kind, checked: kind == .none ? 0 : amount)
  }

  /// Disturbs the elements of one image.
  func apply(
    to elements: UnsafeMutableBufferPointer<UInt8>, seed: UInt64, sample: Int
  ) {
    // A draw below the first bound becomes low, one from the second on becomes high.
    let (below, low, from, high): (Double, UInt8, Double, UInt8)
    switch kind {
    case .none: return
    case .saltAndPepper: (below, low, from, high) = (amount / 2, 0, 1 - amount / 2, 255)
    case .snpn:
      // A uniform draw stands for the normal one that has as much probability below it. 0.98 and
      // 0.02 are the authors' light and dark.
      (below, low, from, high) = (
        normalShare(below: amount), 250, normalShare(below: 1 - amount), 5
      )
    }
    var random = RandomSource(seed: seed, purpose: "image noise", index: sample)
    for index in elements.indices {
      let draw = random.uniform()
      if draw < below { elements[index] = low } else if draw >= from { elements[index] = high }
    }
  }
}

/// The probability that a draw from the standard normal distribution lies below a number.
private func normalShare(below number: Double) -> Double {
  0.5 * erfc(-number / 2.0.squareRoot())
}
