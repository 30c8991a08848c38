/// How a convolution is computed.
package enum ConvolutionAlgorithm: String, CaseIterable, Sendable {
  /// A matrix product of the input as it lies in memory.
  case pointwise
  /// Each channel with its own filter.
  case depthwise
  /// Tiles of 4 × 4 output pixels in Winograd's transformed domain.
  case winograd
  /// A matrix product of gathered input windows.
  case patches
}

extension ConvolutionGeometry {
  /// The fastest way to compute this convolution.
  package var algorithm: ConvolutionAlgorithm {
    if isDepthwise { return .depthwise }
    if isPointwise { return .pointwise }
    return prefersWinograd ? .winograd : .patches
  }
}
