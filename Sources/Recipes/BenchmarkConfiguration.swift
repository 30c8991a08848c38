internal import Codecs
public import Configurations
internal import Foundation
internal import Networks
public import Splitting
internal import Training

/// The `benchmark` section of a recipe: which systems `cleave evaluate` sets against each other.
///
///     benchmark:
///       systems:
///         - {input: jpeg, qualities: [10, 50, 90]}
///         - {latent: context, bits: [2, 3, 4]}
///         - {latent: rans, bits: [4], cut: layer2}
///         - {run: runs/fashion-mnist}
///         - {run: [runs/seed-1, runs/seed-2, runs/seed-3], name: adapted}
///       links:
///         - {name: Wi-Fi, rate: 50 Mbit/s, round_trip_time: 5 ms}
public struct BenchmarkConfiguration: Hashable, Codable, Sendable {
  /// The most systems and qualities or bits that make sense in one table.
  private static let mostRows = 200

  /// The folder of a trained run whose whole network is the uncompressed one.
  ///
  /// Images and latents are sent to it, and it says what the tasks are; the recipe's own network
  /// unless given.
  public var reference: String?
  /// What is set against the uncompressed network.
  public var systems: [BenchmarkSystem]
  /// The links that latency and energy are computed for; the recipe's own if empty.
  public var links: [BenchmarkLink]
  /// How many test images are used, at most, drawn evenly over the classes.
  public var limit: Int?
  /// How many of them times are medians of.
  public var timedSamples: Int
  /// How many training images the tables of `context` are made from, at most.
  public var calibrationSamples: Int

  package enum CodingKeys: String, CodingKey, CaseIterable {
    case reference, systems, links, limit
    case timedSamples = "timed_samples"
    case calibrationSamples = "calibration_samples"
  }

  /// Reads the section; what is missing has its default.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    reference = try container.decodeIfPresent(String.self, forKey: .reference)
    systems = try container.decode([BenchmarkSystem].self, forKey: .systems)
    links = try container.decodeIfPresent([BenchmarkLink].self, forKey: .links) ?? []
    limit = try container.decodeIfPresent(Int.self, forKey: .limit)
    timedSamples = try container.decodeIfPresent(Int.self, forKey: .timedSamples) ?? 64
    calibrationSamples =
      try container.decodeIfPresent(Int.self, forKey: .calibrationSamples) ?? 512
  }
}

extension BenchmarkConfiguration: Validatable {
  /// Reports empty lists, a run that is not there, names that are used twice, and numbers out of range.
  public func validate(_ report: inout ValidationReport) {
    if let reference, !FileManager.default.fileExists(atPath: reference) {
      report.add("there is no run in \(reference)", at: "reference")
    }
    if systems.isEmpty { report.add("expected at least one system", at: "systems") }
    let rows = systems.reduce(0) { $0 + ($1.qualities ?? $1.bits ?? [0]).count }
    if rows > BenchmarkConfiguration.mostRows {
      report.add(
        "expected at most \(BenchmarkConfiguration.mostRows) rows, found \(rows)", at: "systems")
    }
    for (key, value) in [
      (CodingKeys.limit, limit ?? 1), (.timedSamples, timedSamples),
      (.calibrationSamples, calibrationSamples),
    ] where value < 1 {
      report.add("expected 1 or more, found \(value)", at: key.rawValue)
    }
    let names = links.map(\.name)
    if Set(names).count < names.count {
      report.add("expected links of different names", at: CodingKeys.links.rawValue)
    }
  }
}

/// A link of a benchmark and its name.
public struct BenchmarkLink: Hashable, Codable, Sendable {
  /// What tables call it.
  public var name: String
  /// The link.
  public var link: Link

  package enum CodingKeys: String, CodingKey, CaseIterable { case name }

  /// Reads a link; its keys stand beside `name`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    name = try container.decode(String.self, forKey: .name)
    link = try Link(from: decoder)
  }

  /// Writes the link.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    try link.encode(to: encoder)
  }
}

/// One system of a benchmark, or a curve of them.
public struct BenchmarkSystem: Hashable, Codable, Sendable {
  /// An image codec the whole network is sent through.
  public enum Input: String, Codable, CaseIterable, Sendable {
    /// JPEG.
    case jpeg
    /// Lossy WebP.
    case webp
  }

  /// A codec of the latent at the cut; the names are those of `cleave codec`.
  public enum Latent: String, Codable, CaseIterable, Sendable {
    /// Every value as it is.
    case fp32
    /// Half precision.
    case fp16
    /// Quantised values, packed without gaps.
    case packed
    /// Quantised values under rANS, every symbol in turn.
    case rans
    /// Quantised values under rANS in the paper's layout.
    case sparseRANS = "sparse-rans"
    /// Quantised values under rANS with tables calibrated on training images.
    case context

    /// How many bits a value may have; nil if that is no choice.
    var bitRange: ClosedRange<Int>? {
      switch self {
      case .fp32, .fp16: nil
      case .packed: AffineQuantizer.bitRange
      case .rans, .sparseRANS: RANSCodec.bitRange
      case .context: ContextTables.bitRange
      }
    }
  }

  /// Where a whole network runs.
  public enum Place: String, Codable, CaseIterable, Sendable {
    /// On the device, which sends nothing.
    case device
  }

  /// Where the whole network runs, if nothing is split.
  public var place: Place?
  /// The image codec, if the image is sent.
  public var input: Input?
  /// The qualities of the image codec, 1 to 100.
  public var qualities: [Int]?
  /// The codec of the latent, if the recipe's own network is cut.
  public var latent: Latent?
  /// The bits of quantised values.
  public var bits: [Int]?
  /// Another cut than the recipe's.
  public var cut: String?
  /// The folder of a trained run, or several that differ in their seed.
  public var run: RunList?
  /// What a run is called in place of its method's name.
  public var name: String?

  /// One folder or several.
  public struct RunList: Hashable, Codable, Sendable {
    /// The folders.
    public var folders: [String]

    /// Reads a text or a list of texts.
    public init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let folder = try? container.decode(String.self) {
        folders = [folder]
      } else {
        folders = try container.decode([String].self)
      }
    }

    /// Writes a text or a list of texts.
    public func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      if folders.count == 1 {
        try container.encode(folders[0])
      } else {
        try container.encode(folders)
      }
    }
  }

  package enum CodingKeys: String, CodingKey, CaseIterable {
    case place, input, qualities, latent, bits, cut, run, name
  }
}

extension BenchmarkSystem: Validatable {
  /// Reports a system that is none or several kinds, keys of another kind, and values out of range.
  public func validate(_ report: inout ValidationReport) {
    let kinds = [
      ("input", input != nil, ["qualities"]), ("latent", latent != nil, ["bits", "cut"]),
      ("run", run != nil, ["name"]), ("place", place != nil, []),
    ]
    let chosen = kinds.filter(\.1)
    guard chosen.count == 1 else {
      let found = chosen.isEmpty ? "none" : chosen.map(\.0).joined(separator: " and ")
      report.add(
        "expected one of input, latent, run and place, found \(found)",
        dependingOn: ["input", "latent", "run", "place"])
      return
    }
    for (key, isGiven) in [
      ("qualities", qualities != nil), ("bits", bits != nil), ("cut", cut != nil),
      ("name", name != nil),
    ] where isGiven && !chosen[0].2.contains(key) {
      let owner = kinds.first { $0.2.contains(key) }?.0 ?? ""
      report.add("goes with \(owner), not with \(chosen[0].0)", at: key)
    }
    if input != nil { check(qualities, in: 1...100, at: "qualities", &report) }
    if let latent {
      if let range = latent.bitRange {
        check(bits, in: range, at: "bits", &report)
      } else if bits != nil {
        report.add("\(latent.rawValue) has no choice of bits", at: "bits")
      }
    }
    guard let run else { return }
    if run.folders.isEmpty { report.add("expected at least one folder", at: "run") }
    for folder in run.folders where !FileManager.default.fileExists(atPath: folder) {
      report.add("there is no run in \(folder)", at: "run")
    }
  }

  private func check(
    _ list: [Int]?, in range: ClosedRange<Int>, at key: String, _ report: inout ValidationReport
  ) {
    guard let list, !list.isEmpty else {
      report.add("expected '\(key)', a list of numbers", dependingOn: [key])
      return
    }
    for value in list where !range.contains(value) {
      report.add(
        "expected \(range.lowerBound) to \(range.upperBound), found \(value)", at: key)
    }
  }
}
