internal import Foundation
public import Tensors

/// What a hyperprior needs on both sides: the tables of the hyper-latent, the tables of normal
/// distributions, and in integers the networks that make a hyper-latent of a latent and the
/// distributions of the latent's values of a hyper-latent.
///
/// Source: Ballé and others 2018, https://arxiv.org/abs/1802.01436; with means, Minnen and others
/// 2018, https://arxiv.org/abs/1809.02736.
public struct HyperpriorTables: CodecTable, Equatable {
  /// `CLVH`.
  public static let magic = Array("CLVH".utf8)

  /// From a latent to the hyper-latent before it is rounded.
  public let analysis: IntegerNetwork
  /// From a hyper-latent to standard deviations, and means if there are as many channels more; it
  /// doubles extents as often as ``analysis`` halves them.
  public let synthesis: IntegerNetwork
  /// The tables of the hyper-latent's channels, and after them one for each deviation.
  let coding: FactorizedTables
  /// The deviations between those of one table and the next, in fixed point.
  let thresholds: [Int32]

  /// The extent of the latents' last axis.
  public var channels: Int { analysis.inputs }

  /// Whether means are sent too.
  public var hasMeans: Bool { synthesis.outputs == 2 * channels }

  /// How many different deviations there are.
  public var scaleCount: Int { thresholds.count + 1 }

  private static let mostScales = 256

  /// The deviations there may be tables for: 64 from 0.11 to 256, each a constant factor above the
  /// one before.
  public static let scales: [Double] = (0..<64).map { index in
    exp(log(0.11) + Double(index) / 63 * (log(256) - log(0.11)))
  }

  /// Makes tables.
  ///
  /// - Parameters:
  ///   - hyper: the distributions of the hyper-latent's channels.
  ///   - scaleCount: how many of ``scales`` have a table; larger deviations take the last.
  /// - Precondition: the networks fit each other and `hyper`, and `scaleCount` is 1 to 64.
  public init(
    analysis: IntegerNetwork, synthesis: IntegerNetwork, hyper: [FactorizedTables.Channel],
    scaleCount: Int = 64
  ) {
    let scales = HyperpriorTables.scales
    precondition(
      HyperpriorTables.fits(analysis, synthesis, hyper: hyper.count)
        && (1...scales.count).contains(scaleCount),
      "HyperpriorTables: networks that do not fit each other, or \(scaleCount) deviations")
    self.analysis = analysis
    self.synthesis = synthesis
    coding = FactorizedTables(
      hyper + scales.prefix(scaleCount).map { HyperpriorTables.normal(scale: $0) })
    thresholds = zip(scales, scales.dropFirst()).prefix(scaleCount - 1).map { low, high in
      IntegerNetwork.fixed(Float((low * high).squareRoot()))
    }
  }

  /// The probabilities of whole numbers around 0, but for one in ten thousand.
  private static func normal(scale: Double) -> FactorizedTables.Channel {
    let last = max(1, Int((3.9 * scale + 0.5).rounded(.up)))
    let unit = 1 / (scale * 2.0.squareRoot())
    return FactorizedTables.Channel(
      median: 0, lowest: -last,
      probabilities: (-last...last).map { number in
        let distance = abs(Double(number))
        return 0.5 * (erfc((distance - 0.5) * unit) - erfc((distance + 0.5) * unit))
      })
  }

  private static func fits(
    _ analysis: IntegerNetwork, _ synthesis: IntegerNetwork, hyper: Int
  ) -> Bool {
    analysis.outputs == hyper && synthesis.inputs == hyper
      && analysis.halvings == synthesis.doublings && analysis.doublings == 0
      && synthesis.halvings == 0
      && [analysis.inputs, 2 * analysis.inputs].contains(synthesis.outputs)
  }

  // MARK: - Coding

  /// The number of the table of a deviation.
  func table(ofScale scale: Int32) -> Int {
    var low = 0
    var high = thresholds.count
    while low < high {
      let middle = (low + high) / 2
      if thresholds[middle] < scale { low = middle + 1 } else { high = middle }
    }
    return analysis.outputs + low
  }

  /// How many of the deviations' tables a latent needs.
  ///
  /// - Throws: ``CodecError`` as ``HyperpriorCodec/encode(_:into:)``.
  public func scaleCount(for latent: Tensor<Float>) throws(CodecError) -> Int {
    let symbols = try HyperpriorCodec(self, tableNumber: 0).symbols(of: latent)
    return max(1, Int(symbols.which.max() ?? 0) - analysis.outputs + 1)
  }

  /// The number of the table with which each value of a latent is coded, and its mean in fixed
  /// point if there are means.
  ///
  /// - Parameters:
  ///   - hyper: the hyper-latent.
  ///   - extents: those of the latent and of what ``analysis`` made of it, in turn.
  func distributions(
    ofHyper hyper: [Int32], _ extents: [IntegerNetwork.Extent]
  ) -> (tables: [UInt16], means: [Int32]) {
    let found = synthesis(
      IntegerNetwork.Image(
        extent: extents[extents.count - 1], channels: synthesis.inputs, values: hyper),
      enlargingTo: extents.dropLast().reversed())
    var tables: [UInt16] = []
    var means: [Int32] = []
    tables.reserveCapacity(found.values.count)
    for start in stride(from: 0, to: found.values.count, by: found.channels) {
      for channel in start..<start + channels {
        tables.append(UInt16(table(ofScale: found.values[channel])))
        if hasMeans { means.append(found.values[channel + channels]) }
      }
    }
    return (tables, means)
  }

  // MARK: - As bytes

  /// ``HyperpriorCodec``.
  public func codec(tableNumber: Int) -> any LatentCodec {
    HyperpriorCodec(self, tableNumber: tableNumber)
  }

  /// The tables as bytes, for a checkpoint or beside an exported model.
  public var bytes: [UInt8] {
    HyperpriorTables.sealed { writer in
      analysis.write(to: &writer)
      synthesis.write(to: &writer)
      writer.write(variable: thresholds.count)
      for threshold in thresholds { writer.write(fixed: threshold) }
      writer.write(coding.bytes)
    }
  }

  /// Reads ``bytes``.
  ///
  /// - Throws: ``CodecError`` for anything else.
  public init(_ bytes: [UInt8]) throws(CodecError) {
    var reader = try HyperpriorTables.opened(bytes)
    analysis = try IntegerNetwork(&reader)
    synthesis = try IntegerNetwork(&reader)
    let count = try reader.variable(
      of: "the number of deviations", in: 0...HyperpriorTables.mostScales - 1)
    var thresholds: [Int32] = []
    for _ in 0..<count { thresholds.append(try reader.fixed(Int32.self, of: "a deviation")) }
    coding = try FactorizedTables(Array(try reader.bytes(reader.remaining, of: "the tables")))
    self.thresholds = thresholds
    guard HyperpriorTables.fits(analysis, synthesis, hyper: coding.channels - count - 1),
      zip(thresholds, thresholds.dropFirst()).allSatisfy({ $0 < $1 })
    else { throw .damaged("networks and tables do not fit each other") }
  }
}
