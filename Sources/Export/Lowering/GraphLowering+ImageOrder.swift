extension GraphLowering {
  /// An image as `N×H×W×C`.
  mutating func channelsLast(_ image: String, _ site: LoweringSite) -> String {
    add(
      "Transpose", [image], output: unique(site.inner("channels_last")),
      ["perm": .ints(SampleLayout.imageToEngine)])
  }

  /// An `N×H×W×C` value as the image a node computes.
  mutating func channelsFirst(_ value: String, _ site: LoweringSite) -> String {
    add("Transpose", [value], output: site.name, ["perm": .ints(SampleLayout.engineToImage)])
  }

  /// The input of a node with its elements in the engine's order; its shape may still be another.
  mutating func inEngineOrder(_ site: LoweringSite) -> String {
    site.inputLayout.keepsOrder ? site.input : channelsLast(site.input, site)
  }
}
