/// How a convolution is computed.
package enum ConvolutionAlgorithm: String, CaseIterable, Sendable {
  /// A matrix product of the input as it lies in memory.
  case pointwise
  /// Each channel with its own filter.
  case depthwise
  /// Tiles of 4 × 4 output pixels in Winograd's transformed domain.
  case winograd = "winograd 4×4"
  /// Tiles of 2 × 2 output pixels in Winograd's transformed domain.
  case smallWinograd = "winograd 2×2"
  /// A matrix product of gathered input windows.
  case patches
}

extension ConvolutionGeometry {
  /// The fastest way to compute this convolution.
  package var algorithm: ConvolutionAlgorithm {
    if isDepthwise { return .depthwise }
    if isPointwise { return .pointwise }
    return preferredWinogradTile.map { $0 == .large ? .winograd : .smallWinograd } ?? .patches
  }
}

extension ConvolutionAlgorithm {
  /// The tile of a Winograd convolution.
  var tile: WinogradTile? {
    switch self {
    case .winograd: .large
    case .smallWinograd: .small
    case .pointwise, .depthwise, .patches: nil
    }
  }
}
