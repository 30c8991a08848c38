public import ArgumentParser
public import Codecs

extension MagnitudeFilter.Reading: ExpressibleByArgument {}
extension AdaptiveBitQuantizer.Bound: ExpressibleByArgument {}

/// The settings of the slicer codec that a comparison has one of.
struct SLICEROptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("The error that slicer allows a block, 0 or more.", valueName: "number"))
  var tolerance: Float = 0.05

  @Option(
    help: ArgumentHelp(
      "What slicer's error is: index, of steps of eight bits, or relative to the mean magnitude.",
      valueName: "name"))
  var bound = AdaptiveBitQuantizer.Bound.relative

  @Option(
    help: ArgumentHelp(
      "What negative values count for slicer against positive ones.", valueName: "number"))
  var asymmetry: Float = 1

  @Option(
    help: ArgumentHelp(
      "What the asymmetry is: score, a factor, or budget, the share of the positive ones.",
      valueName: "name"))
  var reading = MagnitudeFilter.Reading.score

  /// The codec of these settings.
  func codec(keep: Double, blocks: Int) throws -> SLICERCodec {
    func check(_ isFit: Bool, _ option: String, _ expected: String, _ found: Any) throws {
      guard !isFit else { return }
      throw CommandFailure(message: "--\(option) expects \(expected), found \(found)", status: 2)
    }
    try check((0...1).contains(keep), "keep", "fractions from 0 to 1", keep)
    let range = SLICERCodec.blockRange
    try check(
      range.contains(blocks), "blocks", "\(range.lowerBound) to \(range.upperBound)", blocks)
    try check(tolerance >= 0 && tolerance.isFinite, "tolerance", "0 or more", tolerance)
    try check(
      reading.range.contains(asymmetry), "asymmetry",
      reading == .score ? "0 or more" : "0 to 1 for the reading budget", asymmetry)
    return SLICERCodec(
      keep: keep, blocks: blocks, tolerance: tolerance, bound: bound, asymmetry: asymmetry,
      reading: reading)
  }
}
