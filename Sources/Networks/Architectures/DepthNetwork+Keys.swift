package import Configurations

extension DepthNetwork.Branch: DescribedNode {
  package static let summary = "A branch of the network with a narrow output that is sent."

  package static func describe(_ key: CodingKeys) -> KeyDescription<DepthNetwork.Branch> {
    switch key {
    case .after: .init("The block whose output is narrow, 1 to 3.")
    case .channels: .init("The channels of that output.")
    }
  }
}
