internal import Networks
internal import Splitting
internal import Tensors
internal import Training

/// Data and link of a checkpoint's training, as its own recipe has them.
struct TrainedSections {
  var document: RecipeDocument?
  var data: DataConfiguration?
  var input: InputTransform?
  var outputs: OutputChoice?
  var link: Link
  var energy = EnergyModel()
  var seed: UInt64 = 0

  /// Reads what there is; nothing of a recipe that is missing.
  init(_ text: String?, of subject: String) throws {
    link = try Link()
    guard let text else { return }
    let document = try RecipeDocument(name: "\(subject), its recipe", text: text)
    // The rest of the recipe may name files that are gone, and does not matter here.
    let decoder = StrictDecoder(document)
    self.document = document
    data = decoder.section("data", as: DataConfiguration.self)
    let network = decoder.section("network", as: NetworkConfiguration.self)
    (input, outputs) = (network?.input, network?.outputs)
    if let section = decoder.sectionOrDefault("link", as: LinkSection.self) {
      (link, energy) = (section.link, section.energy)
    }
    seed = decoder.sectionIfPresent("seed", as: UInt64.self) ?? 0
  }
}
