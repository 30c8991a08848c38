import ArgumentParser
import Foundation
import Tensors

/// The preparation of images for a checkpoint that does not know it.
struct InputOptions: ParsableArguments {
  @Option(help: ArgumentHelp("What pixels are divided by first.", valueName: "number"))
  var inputScale: Float?

  @Option(
    help: ArgumentHelp(
      "What is subtracted then: one number, or one for each channel.", valueName: "a,b,c"))
  var inputMean: NumberList?

  @Option(
    help: ArgumentHelp(
      "What that is divided by: one number, or one for each channel.", valueName: "a,b,c"))
  var inputStd: NumberList?

  /// The transform; nil if nothing is said of it.
  ///
  /// - Throws: `InputTransformError` for a number that cannot be.
  var transform: InputTransform? {
    get throws {
      guard inputScale != nil || inputMean != nil || inputStd != nil else { return nil }
      return try InputTransform(
        scale: inputScale ?? 1, mean: inputMean?.values ?? [0], std: inputStd?.values ?? [1])
    }
  }

  /// The options by their names, and whether each is given.
  var given: [(name: String, isGiven: Bool)] {
    [
      ("--input-scale", inputScale != nil), ("--input-mean", inputMean != nil),
      ("--input-std", inputStd != nil),
    ]
  }
}

/// Numbers with commas between them.
struct NumberList: ExpressibleByArgument {
  let values: [Float]

  init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { Float($0.trimmingCharacters(in: .whitespaces)) }
    guard numbers.count == parts.count else { return nil }
    values = numbers
  }
}
