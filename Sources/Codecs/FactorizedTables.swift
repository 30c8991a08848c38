internal import CKernels
internal import Files

/// Integer tables of a learned factorized prior: for each channel a median, and the frequencies of
/// whole numbers from it.
///
/// They are made once, from the trained distributions, and are part of what is deployed on both
/// sides: neither computes a table from floating-point numbers again, so that both code alike.
/// Source: Ballé and others 2018, https://arxiv.org/abs/1802.01436; the layout of tables with an
/// escape is that of CompressAI, https://arxiv.org/abs/2011.03029.
public struct FactorizedTables: CodecTable, Equatable {
  /// The distribution of a channel.
  public struct Channel: Equatable, Sendable {
    /// What values are counted from.
    public var median: Float
    /// The lowest value that has a frequency.
    public var lowest: Int
    /// The probability of that value and of each above; what is missing to 1 is left for others.
    public var probabilities: [Double]

    /// Creates a distribution.
    public init(median: Float, lowest: Int, probabilities: [Double]) {
      self.median = median
      self.lowest = lowest
      self.probabilities = probabilities
    }
  }

  /// The bits of the sum of a table.
  ///
  /// Deviation: CompressAI has 16. A state of 32 bits that takes in words of 16 loses a third of a
  /// percent with those, more than finer tables gain.
  public static let precision = 14

  /// `CLVF`.
  public static let magic = Array("CLVF".utf8)
  private static let mostChannels = 1 << 12
  private static let mostSymbols = 1 << 12
  private static let farthest = 1 << 20

  /// What values of each channel are counted from.
  public let medians: [Float]
  /// The lowest value of each channel that has a frequency.
  let lowest: [Int]
  /// Where the entries of each channel begin.
  let starts: [UInt32]
  /// How many symbols each channel has, the last of which says that the value stands elsewhere.
  let lengths: [UInt32]
  /// What encoding each symbol takes, and one entry that is not used, for each channel.
  let entries: [rans_entry]
  /// What dividing by each frequency takes.
  let reciprocals: [UInt64]
  /// The sums of the frequencies before each symbol, and the whole after the last.
  let cumulative: [UInt32]

  /// The extent of the latents' last axis.
  public var channels: Int { medians.count }

  private init(medians: [Float], lowest: [Int], frequencies: [[UInt32]]) {
    self.medians = medians
    self.lowest = lowest
    var starts: [UInt32] = []
    var entries: [rans_entry] = []
    var cumulative: [UInt32] = []
    for table in frequencies {
      starts.append(UInt32(cumulative.count))
      entries += RANS.smallEntries(table + [0])
      var sum: UInt32 = 0
      for frequency in table + [0] {
        cumulative.append(sum)
        sum += frequency
      }
    }
    self.starts = starts
    lengths = frequencies.map { UInt32($0.count) }
    self.entries = entries
    reciprocals = RANS.reciprocals(precision: FactorizedTables.precision)
    self.cumulative = cumulative
  }

  /// Makes tables of distributions.
  ///
  /// - Precondition: 1 to 4096 channels, each with 1 to 4095 probabilities from 0 to 1, a finite
  ///   median, and a lowest value within a million of 0.
  public init(_ channels: [Channel]) {
    precondition((1...FactorizedTables.mostChannels).contains(channels.count))
    self.init(
      medians: channels.map(\.median), lowest: channels.map(\.lowest),
      frequencies: channels.map { channel in
        precondition(
          (1..<FactorizedTables.mostSymbols).contains(channel.probabilities.count)
            && channel.median.isFinite && abs(channel.lowest) <= FactorizedTables.farthest,
          "FactorizedTables: \(channel.probabilities.count) values from \(channel.lowest)")
        let unit = 0x1p40
        let left = max(0, 1 - channel.probabilities.reduce(0, +))
        // Every value can be coded, and so can those without an entry.
        let counts = (channel.probabilities + [left]).map { Int(($0 * unit).rounded()) + 1 }
        return FrequencyTable.scaled(counts, to: 1 << FactorizedTables.precision)
      })
  }

  /// The frequencies of a channel, the last of which is that of an escape.
  func frequencies(of channel: Int) -> [UInt32] {
    let start = Int(starts[channel])
    return (0..<Int(lengths[channel])).map { cumulative[start + $0 + 1] - cumulative[start + $0] }
  }

  /// ``FactorizedCodec``.
  public func codec(tableNumber: Int) -> any LatentCodec {
    FactorizedCodec(self, tableNumber: tableNumber)
  }

  /// The tables as bytes, for a checkpoint or beside an exported model.
  public var bytes: [UInt8] {
    FactorizedTables.sealed { writer in
      writer.write(fixed: UInt32(channels))
      for channel in 0..<channels {
        writer.write(medians[channel])
        writer.write(fixed: Int32(lowest[channel]))
        let frequencies = frequencies(of: channel)
        writer.write(fixed: UInt16(frequencies.count))
        for frequency in frequencies { writer.write(fixed: UInt16(frequency)) }
      }
    }
  }

  /// Reads ``bytes``.
  ///
  /// - Throws: ``CodecError`` for anything else.
  public init(_ bytes: [UInt8]) throws(CodecError) {
    var reader = try FactorizedTables.opened(bytes)
    let channels = Int(try reader.fixed(UInt32.self, of: "the channels"))
    guard (1...FactorizedTables.mostChannels).contains(channels) else {
      throw .damaged("tables for \(channels) channels")
    }
    var medians: [Float] = []
    var lowest: [Int] = []
    var frequencies: [[UInt32]] = []
    for _ in 0..<channels {
      let median = try reader.float(of: "a median")
      let first = Int(try reader.fixed(Int32.self, of: "a lowest value"))
      let count = Int(try reader.fixed(UInt16.self, of: "the length of a table"))
      guard median.isFinite, abs(first) <= FactorizedTables.farthest,
        (2...FactorizedTables.mostSymbols).contains(count)
      else { throw .damaged("a table of \(count) values from \(first), median \(median)") }
      var table: [UInt32] = []
      for _ in 0..<count { table.append(UInt32(try reader.fixed(UInt16.self, of: "a frequency"))) }
      guard table.allSatisfy({ $0 > 0 }), table.reduce(0, +) == 1 << FactorizedTables.precision
      else {
        throw .damaged(
          "the frequencies of a channel do not sum to \(1 << FactorizedTables.precision)")
      }
      medians.append(median)
      lowest.append(first)
      frequencies.append(table)
    }
    guard reader.remaining == 0 else {
      throw .damaged("\(reader.remaining) bytes are left over")
    }
    self.init(medians: medians, lowest: lowest, frequencies: frequencies)
  }

  /// Whether two tables code alike.
  public static func == (left: FactorizedTables, right: FactorizedTables) -> Bool {
    left.medians == right.medians && left.lowest == right.lowest && left.starts == right.starts
      && left.cumulative == right.cumulative
  }
}
