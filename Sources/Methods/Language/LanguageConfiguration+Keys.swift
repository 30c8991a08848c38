package import Configurations

extension LanguageConfiguration: DescribedNode {
  package static let summary = "How what a decoding step sends is compressed in the report."

  package static func describe(_ key: CodingKeys) -> KeyDescription<LanguageConfiguration> {
    switch key {
    case .keep:
      .init(
        \.keep, unit: "fractions", "The shares of a token's values that are kept, each in turn.")
    case .blocks: .init(\.blocks, "The numbers of blocks they are divided into, each in turn.")
    case .tolerance: .init(\.tolerance, "The tolerances of a block, each in turn.")
    case .bound: .init(\.bound, "Whether a tolerance bounds the relative or the absolute error.")
    }
  }
}
