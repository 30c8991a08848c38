package import Configurations
internal import Splitting
internal import Training

extension LinkSection: DescribedNode {
  package static let summary = "The link between device and server, and the device's power."

  package static var parts: [any DescribedNode.Type] { [Link.self] }

  package static func describe(_ key: CodingKeys) -> KeyDescription<LinkSection> {
    switch key {
    case .energy: .init(absent: "its defaults", "The power that the device draws.")
    }
  }
}

extension OutputSection: DescribedNode {
  package static let summary = "Where the run is written."

  package static func describe(_ key: CodingKeys) -> KeyDescription<OutputSection> {
    switch key {
    case .directory:
      .init(absent: "runs/ and the recipe file's name", "The folder of the run.")
    }
  }
}

extension RecipeValue: DescribedValue {
  package static let words = "any value"
}

extension RecipeValues: DescribedValue {
  package static let words = "mapping of key paths to values"
}
