package import Configurations

extension BlockNetwork: DescribedNode {
  package static let summary = "A new network of stages of mobile blocks."

  package static func describe(_ key: CodingKeys) -> KeyDescription<BlockNetwork> {
    switch key {
    case .stem: .init(\.stem, "The channels of the first convolution, 3×3.")
    case .stemStride: .init(\.stemStride, "The stride of the first convolution.")
    case .stages: .init("The stages, from first to last.")
    case .header: .init(absent: "none", "The channels of the last convolution, 1×1.")
    }
  }
}

extension BlockNetwork.Stage: DescribedNode {
  package static let summary = "Blocks of one number of channels; give operations or layers."

  package static func describe(_ key: CodingKeys) -> KeyDescription<BlockNetwork.Stage> {
    switch key {
    case .channels: .init("The channels behind every block.")
    case .stride: .init(\.stride, "The stride of the first block.")
    case .layers: .init(absent: "as operations", "How many blocks of k3_e3 there are.")
    case .operations: .init(absent: "k3_e3 for each of layers", "What each block computes.")
    case .bottleneck:
      .init(
        \.bottleneck, unit: "fraction",
        "The share of the channels that is left at the stage's end; 1 for no bottleneck.")
    }
  }
}

extension BlockOperation: DescribedValue {
  package static let words = "operation such as k3_e6, k3_e1_g2 or skip"
}
