public import Codecs
public import Configurations
public import Splitting

/// The `slicer` section of a recipe: what is searched, under which caps, and what it is compared
/// with.
public struct SLICERConfiguration: Hashable, Codable, Sendable {
  /// The cuts to choose from; the network's own, or all valid ones, unless given.
  public var cuts: [String]?
  /// The fractions of the values to choose from.
  public var keep: [Double]
  /// The numbers of blocks to choose from.
  public var blocks: [Int]
  /// The tolerances to choose from; δ in the paper.
  public var tolerance: [Double]
  /// What a tolerance bounds.
  public var bound: AdaptiveBitQuantizer.Bound
  /// What negative values count against positive ones; λ in the paper.
  public var asymmetry: Double
  /// What the asymmetry means.
  public var reading: MagnitudeFilter.Reading
  /// How much of the accuracy on the validation images may be lost, as a fraction of the images.
  public var accuracyDrop: Double
  /// How many of the validation images are looked at.
  public var images: Int
  /// The most bytes of parameters on the device.
  public var deviceMemory: ByteCount?
  /// The most multiply-accumulates on the device for one image.
  public var deviceMACs: Int?
  /// The most time from image to logits, by the link and by what is measured on this machine.
  public var latency: TimeSpan?
  /// The bits of the plain codecs the test report compares with.
  public var compare: [Int]

  /// Creates a section with its defaults.
  public init(cuts: [String]? = nil) {
    self.cuts = cuts
    keep = [0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4]
    blocks = [1, 2, 4, 8]
    tolerance = [0.02, 0.05, 0.1, 0.2]
    bound = .relative
    asymmetry = 1
    reading = .score
    accuracyDrop = 0.01
    images = 1000
    compare = [2, 3, 4]
  }

  package enum CodingKeys: String, CodingKey, CaseIterable {
    case cuts, keep, blocks, tolerance, bound, asymmetry, reading
    case accuracyDrop = "accuracy_drop"
    case images
    case deviceMemory = "device_memory"
    case deviceMACs = "device_macs"
    case latency, compare
  }

  /// Reads the section; what is missing has its default.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init()
    cuts = try container.decodeIfPresent([String].self, forKey: .cuts)
    keep = try container.decodeIfPresent([Double].self, forKey: .keep) ?? keep
    blocks = try container.decodeIfPresent([Int].self, forKey: .blocks) ?? blocks
    tolerance = try container.decodeIfPresent([Double].self, forKey: .tolerance) ?? tolerance
    bound =
      try container.decodeIfPresent(AdaptiveBitQuantizer.Bound.self, forKey: .bound) ?? bound
    asymmetry = try container.decodeIfPresent(Double.self, forKey: .asymmetry) ?? asymmetry
    reading =
      try container.decodeIfPresent(MagnitudeFilter.Reading.self, forKey: .reading) ?? reading
    accuracyDrop =
      try container.decodeIfPresent(Double.self, forKey: .accuracyDrop) ?? accuracyDrop
    images = try container.decodeIfPresent(Int.self, forKey: .images) ?? images
    deviceMemory = try container.decodeIfPresent(ByteCount.self, forKey: .deviceMemory)
    deviceMACs = try container.decodeIfPresent(Int.self, forKey: .deviceMACs)
    latency = try container.decodeIfPresent(TimeSpan.self, forKey: .latency)
    compare = try container.decodeIfPresent([Int].self, forKey: .compare) ?? compare
  }
}

extension SLICERConfiguration: Validatable {
  /// Reports what is out of range.
  public func validate(_ report: inout ValidationReport) {
    func check<Value>(
      _ values: [Value], _ key: String, _ expected: String, _ isFit: (Value) -> Bool
    ) {
      if values.isEmpty { report.add("expected at least one", at: key) }
      for (index, value) in values.enumerated() where !isFit(value) {
        report.add("expected \(expected), found \(value)", at: key, "\(index)")
      }
    }
    if let cuts, cuts.isEmpty { report.add("expected at least one cut", at: "cuts") }
    check(keep, "keep", "a fraction above 0 and up to 1") { $0 > 0 && $0 <= 1 }
    let range = SLICERCodec.blockRange
    check(blocks, "blocks", "\(range.lowerBound) to \(range.upperBound)") { range.contains($0) }
    check(tolerance, "tolerance", "a finite number of 0 or more") {
      $0 >= 0 && Float($0).isFinite
    }
    let bits = ContextTables.bitRange
    for (index, value) in compare.enumerated() where !bits.contains(value) {
      report.add(
        "expected \(bits.lowerBound) to \(bits.upperBound) bits, found \(value)",
        at: "compare", "\(index)")
    }
    if !reading.range.contains(Float(asymmetry)) {
      report.add(
        reading == .score
          ? "expected a finite number of 0 or more, found \(asymmetry)"
          : "expected 0 to 1 for the reading budget, found \(asymmetry)",
        at: "asymmetry", dependingOn: ["reading"])
    }
    if !(0...1).contains(accuracyDrop) {
      report.add("expected a fraction from 0 to 1, found \(accuracyDrop)", at: "accuracy_drop")
    }
    if images < 1 { report.add("expected 1 or more images, found \(images)", at: "images") }
    if let deviceMACs, deviceMACs < 1 {
      report.add("expected 1 or more, found \(deviceMACs)", at: "device_macs")
    }
  }
}
