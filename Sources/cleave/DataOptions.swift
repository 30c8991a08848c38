import ArgumentParser
import Recipes
import Training

/// The data that something trained is measured on.
struct DataOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      A data set to measure on; `cleave data list` names them. May be repeated, each with a \
      --data-path and --set behind it.
      """, valueName: "name"))
  var dataset: [String] = []

  @Option(help: ArgumentHelp("The folder or file of that data set.", valueName: "path"))
  var dataPath: [String] = []

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp(
      """
      A value to use instead of the recipe's, such as data.size=32; for a run or a checkpoint, of \
      the --dataset before it or of its own data. May be repeated.
      """,
      valueName: "key.path=value"))
  var values: [String] = []

  /// The parts of a data set.
  enum Part: String, CaseIterable, ExpressibleByArgument {
    case test, validation, train
  }

  @Option(help: ArgumentHelp("The part of the data. (default: test)", valueName: "part"))
  var split: Part?

  /// The part that is measured on; nil if the command line does not say.
  var part: MeasuredPart? { split.flatMap { MeasuredPart(rawValue: $0.rawValue) } }

  /// The data sets in the order of the command line, which the parser does not keep.
  ///
  /// - Throws: `CommandFailure` for a path without a data set.
  func requests() throws -> [DataRequest] {
    do throws(DataRequestError) {
      return try DataRequest.all(in: Array(CommandLine.arguments.dropFirst()))
    } catch { throw CommandFailure(message: "\(error)", status: 2) }
  }
}
