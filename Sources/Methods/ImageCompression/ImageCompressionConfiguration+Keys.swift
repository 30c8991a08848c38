package import Configurations

extension ImageCompressionConfiguration: DescribedNode {
  package static let summary = "An image codec that is learned."

  package static func describe(_ key: CodingKeys) -> KeyDescription<ImageCompressionConfiguration> {
    switch key {
    case .filters: .init(\.filters, "The channels of the layers between image and latent.")
    case .channels: .init(\.channels, "The channels of the latent.")
    case .hyperChannels:
      .init(\.hyperChannels, "The channels of the hyper-latent, for methods that have one.")
    case .downsampling:
      .init(
        \.downsampling, unit: "factor",
        "How much smaller the latent is than the image, in both directions: 2, 4, 8 or 16.")
    case .lambda:
      .init(
        \.lambda,
        "What distortion, 255² times the mean squared error, counts beside a bit a pixel.")
    }
  }
}
