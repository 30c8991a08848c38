internal import CKernels
internal import Files
internal import Foundation
public import Tensors

/// Calibrated frequency tables of quantised latents, one for each channel and for what stands to
/// the left and above.
///
/// Features are smooth: next to a large value stands another. Tables made from latents like those
/// to come know how large, and take no place in a stream. Source: https://arxiv.org/abs/2511.11664
/// codes all symbols with one table; the contexts are this project's.
public struct ContextTables: CodecTable, Equatable {
  /// The bits of a value there may be.
  public static let bitRange = 1...8

  /// `CLVT`.
  public static let magic = Array("CLVT".utf8)
  private static let mostChannels = 1 << 12

  /// The bits of a value.
  public let bits: Int
  /// The extent of the latents' last axis.
  public let channels: Int
  /// The bits of the sum of a table.
  public let precision: Int
  /// For each channel, context and symbol, its frequency; none is 0.
  private let frequencies: [UInt16]
  /// What encoding each symbol of each table takes.
  let entries: [rans_entry]
  /// What dividing by each frequency takes.
  let reciprocals: [UInt64]
  /// For each table, the sums of the frequencies before each symbol, and the whole after the last.
  let cumulative: [UInt16]

  private init(bits: Int, channels: Int, frequencies: [UInt16]) {
    self.bits = bits
    self.channels = channels
    let precision = ContextTables.precision(bits: bits)
    self.precision = precision
    self.frequencies = frequencies
    let symbolCount = 1 << bits
    var entries: [rans_entry] = []
    var cumulative: [UInt16] = []
    entries.reserveCapacity(frequencies.count)
    cumulative.reserveCapacity(frequencies.count / symbolCount * (symbolCount + 1))
    for start in stride(from: 0, to: frequencies.count, by: symbolCount) {
      let table = frequencies[start..<start + symbolCount]
      entries += RANS.smallEntries(table.lazy.map { UInt32($0) })
      var sum: UInt16 = 0
      for frequency in table {
        cumulative.append(sum)
        sum += frequency
      }
      cumulative.append(sum)
    }
    self.entries = entries
    reciprocals = RANS.reciprocals(precision: precision)
    self.cumulative = cumulative
  }

  /// Whether two tables code alike.
  public static func == (left: ContextTables, right: ContextTables) -> Bool {
    left.bits == right.bits && left.channels == right.channels
      && left.frequencies == right.frequencies
  }

  private static func precision(bits: Int) -> Int { bits <= 4 ? 12 : 14 }

  /// Counts the symbols of latents.
  ///
  /// Where a channel has seen a context seldom, its table leans on that of all channels.
  ///
  /// - Parameters:
  ///   - latents: samples of what is to be coded; the last axis of each is its channels.
  ///   - bits: the bits of a value, 1 to 8.
  /// - Throws: ``CodecError``.
  /// - Precondition: there is a latent.
  public init(calibratedOn latents: [Tensor<Float>], bits: Int) throws(CodecError) {
    precondition(ContextTables.bitRange.contains(bits), "ContextTables: \(bits) bits")
    precondition(!latents.isEmpty, "ContextTables: no latents")
    let channels = latents[0].shape.rank > 0 ? latents[0].shape[-1] : 1
    let symbolCount = 1 << bits
    let contexts = ContextKind(bits: bits).tableCount
    var counts = [Int](repeating: 0, count: channels * contexts * symbolCount)
    for latent in latents {
      let layout = try ImageLayout(latent.shape, channels: channels)
      let quantizer = try AffineQuantizer(fitting: latent, bits: bits)
      guard quantizer.scale > 0 else { continue }
      let symbols = ImageLayout.centred(quantizer.symbols(of: latent), quantizer)
      let rows = layout.rows(of: symbols, bits: bits)
      for (row, symbol) in zip(rows, symbols) { counts[Int(row) + Int(symbol)] += 1 }
    }
    var shared = [Int](repeating: 0, count: contexts * symbolCount)
    for (index, count) in counts.enumerated() { shared[index % shared.count] += count }
    let precision = ContextTables.precision(bits: bits)
    var frequencies: [UInt16] = []
    frequencies.reserveCapacity(counts.count)
    for table in 0..<channels * contexts {
      let context = table % contexts
      let all = shared[context * symbolCount..<(context + 1) * symbolCount]
      let own = counts[table * symbolCount..<(table + 1) * symbolCount]
      let total = Double(all.reduce(0, +))
      // What all channels say counts as much as `weight` symbols of this one; every symbol counts
      // as a little, so that each can be coded.
      let weight = 16.0
      let blended = zip(own, all).map { own, all in
        let expected = (Double(all) + 0.02) / (total + 0.02 * Double(symbolCount))
        return Int(((Double(own) + weight * expected) * 1024).rounded()) + 1
      }
      frequencies += FrequencyTable(counts: blended, precision: precision).frequencies.map {
        UInt16($0)
      }
    }
    self.init(bits: bits, channels: channels, frequencies: frequencies)
  }

  /// The bits that centred symbols take by the tables.
  func bits(of symbols: [UInt16], _ layout: ImageLayout) -> Double {
    var bits = Double(precision * symbols.count)
    for (row, symbol) in zip(layout.rows(of: symbols, bits: self.bits), symbols) {
      bits -= log2(Double(frequencies[Int(row) + Int(symbol)]))
    }
    return bits
  }

  /// ``ContextCodec``.
  public func codec(tableNumber: Int) -> any LatentCodec {
    ContextCodec(self, tableNumber: tableNumber)
  }

  /// The tables as bytes, for a checkpoint or beside an exported model.
  public var bytes: [UInt8] {
    ContextTables.sealed { writer in
      writer.write(byte: UInt8(bits))
      writer.write(fixed: UInt32(channels))
      for frequency in frequencies { writer.write(fixed: frequency) }
    }
  }

  /// Reads ``bytes``.
  ///
  /// - Throws: ``CodecError`` for anything else.
  public init(_ bytes: [UInt8]) throws(CodecError) {
    var reader = try ContextTables.opened(bytes)
    let bits = Int(try reader.byte(of: "the bits of a value"))
    let channels = Int(try reader.fixed(UInt32.self, of: "the channels"))
    guard ContextTables.bitRange.contains(bits), (1...ContextTables.mostChannels).contains(channels)
    else { throw .damaged("tables of \(bits) bits for \(channels) channels") }
    let symbolCount = 1 << bits
    let tables = channels * ContextKind(bits: bits).tableCount
    guard reader.remaining == 2 * tables * symbolCount else {
      throw .damaged("\(bytes.count) bytes for \(tables) tables of \(symbolCount) symbols")
    }
    var frequencies: [UInt16] = []
    frequencies.reserveCapacity(tables * symbolCount)
    let total = 1 << ContextTables.precision(bits: bits)
    for _ in 0..<tables {
      var sum = 0
      for _ in 0..<symbolCount {
        let frequency = try reader.fixed(UInt16.self, of: "a frequency")
        guard frequency > 0 else { throw .damaged("a frequency is 0") }
        frequencies.append(frequency)
        sum += Int(frequency)
      }
      guard sum == total else { throw .damaged("a table sums to \(sum), expected \(total)") }
    }
    self.init(bits: bits, channels: channels, frequencies: frequencies)
  }
}
