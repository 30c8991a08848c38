internal import Suggestions

extension KerasTranslator {
  /// The error of a layer that no translation is known for.
  func unknown(
    _ layer: KerasModel.Layer, _ configuration: KerasConfiguration
  ) -> CheckpointError {
    if ["Lambda", "TensorFlowOpLayer"].contains(layer.className) {
      return configuration.failure("would run code of the file, which loading never does")
    }
    if layer.isCustom {
      return configuration.failure(
        "is not Keras's own but of the module '\(layer.module ?? "")', whose code loading never runs"
      )
    }
    let known = KerasLayers.translations.keys
    return configuration.failure(
      "is of a class this toolkit does not know",
      nearest: NearestName.of(layer.className, among: known))
  }

  /// What Keras 3 calls the layers of a model in its weights files; operations are not counted.
  func places(of layers: [KerasModel.Layer]) -> [Place] {
    var counts: [String: Int] = [:]
    return layers.map { layer in
      guard layer.operation(version: version) == nil else {
        return Place(name: layer.name, numberedClass: "")
      }
      let base = KerasTranslator.snakeCase(layer.className)
      let count = counts[base, default: 0]
      counts[base] = count + 1
      return Place(name: layer.name, numberedClass: count == 0 ? base : "\(base)_\(count)")
    }
  }

  /// `Conv2DTranspose` as `conv2d_transpose`: an underscore before each capital that starts a word
  /// of small letters, and between a small letter and a capital.
  private static func snakeCase(_ name: String) -> String {
    let letters = Array(name)
    var result = ""
    for (index, letter) in letters.enumerated() {
      let startsWord = index + 1 < letters.count && letters[index + 1].isLowercase
      if index > 0, letter.isUppercase, startsWord || letters[index - 1].isLowercase {
        result += "_"
      }
      result += letter.lowercased()
    }
    return result
  }
}
