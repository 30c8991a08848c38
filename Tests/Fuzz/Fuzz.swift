import Codecs
import Files
import Foundation
import Tensors

/// Feeds decoders bytes that no encoder wrote, for `.ci/fuzz` to run under a sanitizer.
///
/// Every input follows from the seed and its number: `fuzz COUNT SEED FIRST` repeats some of them.
@main
struct Fuzz {
  /// What a decoder may need at most, so that no input takes long.
  static let mostElements = 1 << 14

  let seeds: [[UInt8]]
  let tables: CodecTables
  let tableBytes: [[UInt8]]

  static func main() throws {
    let numbers = CommandLine.arguments.dropFirst().map { Int($0) ?? 0 }
    let count = numbers.first ?? 1_000_000
    let seed = UInt64(numbers.count > 1 ? numbers[1] : 1)
    let first = numbers.count > 2 ? numbers[2] : 0
    let fuzz = try Fuzz()
    var outcomes: [String: Int] = [:]
    let begin = ContinuousClock.now
    for index in first..<first + count {
      var random = RandomSource(seed: seed, purpose: "fuzz", index: index)
      outcomes[fuzz.outcome(&random), default: 0] += 1
      if (index + 1) % 100_000 == 0 {
        FileHandle.standardError.write(Data("\(index + 1) inputs\n".utf8))
      }
    }
    let seconds = (ContinuousClock.now - begin) / .seconds(1)
    print("\(count) inputs from seed \(seed) in \(Int(seconds.rounded())) s")
    for (outcome, number) in outcomes.sorted(by: { $0.value > $1.value }) {
      print("  \(number) \(outcome)")
    }
    guard outcomes["decoded", default: 0] > 0, outcomes.count > 5 else {
      print("the inputs do not reach the decoders")
      exit(1)
    }
  }

  /// Makes valid streams of every codec.
  init() throws {
    var random = RandomSource(seed: 0, purpose: "fuzz seeds")
    var streams: [[UInt8]] = []
    var byNumber: [Int: any CodecTable] = [:]
    for shape: Shape in [[5, 4, 3], [17], [1, 1, 1], [12, 9, 16], []] {
      func latent() -> Tensor<Float> {
        Tensor(shape, (0..<shape.elementCount).map { _ in Float(max(0, random.normal())) })
      }
      var codecs: [any LatentCodec] = [IdentityCodec(), HalfPrecisionCodec()]
      for bits in [1, 3, 8, 16] { codecs.append(PackedCodec(bits: bits)) }
      for bits in [1, 2, 4, 8, 12] {
        codecs.append(RANSCodec(bits: bits))
        codecs.append(RANSCodec(bits: bits, layout: .sparse))
      }
      for bits in [1, 2, 5, 8] where shape.rank > 0 {
        let number = byNumber.count
        let tables = try ContextTables(calibratedOn: [latent(), latent()], bits: bits)
        byNumber[number] = tables
        codecs.append(ContextCodec(tables, tableNumber: number))
      }
      for blocks in [1, 3] {
        codecs.append(SLICERCodec(keep: 0.5, blocks: blocks, tolerance: 0.05))
      }
      let channels = shape.rank > 0 ? shape[-1] : 1
      let prior = FactorizedTables(
        (0..<channels).map { channel in
          FactorizedTables.Channel(
            median: 0.25 * Float(channel % 3), lowest: -1, probabilities: [0.2, 0.5, 0.2])
        })
      for table in [prior, Fuzz.hyperprior(channels: channels, &random)] as [any CodecTable] {
        codecs.append(table.codec(tableNumber: byNumber.count))
        byNumber[byNumber.count] = table
      }
      for codec in codecs { streams.append(try codec.stream(latent())) }
      streams.append(try RANSCodec(bits: 4).stream(Tensor(shape, repeating: 1)))
    }
    seeds = streams
    tables = CodecTables(byNumber)
    tableBytes = byNumber.sorted { $0.key < $1.key }.map(\.value.bytes).filter { $0.count < 20_000 }
    for stream in streams { _ = try LatentStream(stream).latent(tables: tables) }
  }

  /// Tables with networks that nobody trained.
  private static func hyperprior(
    channels: Int, _ random: inout RandomSource
  ) -> HyperpriorTables {
    func layer(
      _ inputs: Int, _ outputs: Int, stride: Int = 1, _ random: inout RandomSource
    ) -> IntegerNetwork.Layer {
      .convolution(
        IntegerNetwork.Convolution(
          inputs: inputs, outputs: outputs, kernel: 3, stride: stride,
          weights: (0..<9 * inputs * outputs).map { _ in Float(0.2 * random.normal()) },
          biases: (0..<outputs).map { _ in Float(random.uniform()) }))
    }
    return HyperpriorTables(
      analysis: IntegerNetwork([.absolute, layer(channels, 2, stride: 2, &random)]),
      synthesis: IntegerNetwork([
        .doubled, layer(2, 3, &random), .rectified, layer(3, 2 * channels, &random),
      ]),
      hyper: (0..<2).map { _ in
        FactorizedTables.Channel(median: 0.5, lowest: -1, probabilities: [0.2, 0.5, 0.2])
      }, scaleCount: 25)
  }

  /// Decodes one input and says how that went.
  func outcome(_ random: inout RandomSource) -> String {
    // Tables are long, and reading them is short work.
    let isTable = Int.random(in: 0..<20, using: &random) == 0
    let bytes = input(from: isTable ? tableBytes : seeds, &random)
    do throws(CodecError) {
      if isTable {
        return try CodecTables(bytes).byteCount > 0 ? "tables" : "empty tables"
      }
      let stream = try LatentStream(bytes, mostElements: Fuzz.mostElements)
      let latent = try stream.latent(tables: tables)
      // Every value is looked at, so that one that was never written is found.
      let sum = latent.scalars.reduce(0) { $0 + ($1.isNaN ? 1 : 0) }
      guard latent.count == stream.shape.elementCount, sum >= 0 else { fatalError("wrong shape") }
      return "decoded"
    } catch {
      return Fuzz.kind(error)
    }
  }

  private static func kind(_ error: CodecError) -> String {
    switch error {
    case .notFinite: "not finite"
    case .outOfRange: "out of range"
    case .truncated: "truncated"
    case .notAStream: "no stream"
    case .version: "other version"
    case .checksum: "checksum"
    case .unknownCodec: "unknown codec"
    case .unknownTable: "unknown table"
    case .tooLarge: "too large"
    case .damaged: "damaged"
    case .shape: "other shape"
    }
  }

  // MARK: - Inputs

  /// A valid stream that was changed, or bytes at random; most have a checksum that fits.
  private func input(from seeds: [[UInt8]], _ random: inout RandomSource) -> [UInt8] {
    let whole = Fuzz.pick(seeds, &random)
    var body = Array(whole.dropLast(4))
    func index(_ random: inout RandomSource) -> Int {
      Int.random(in: 0..<body.count, using: &random)
    }
    for _ in 0..<Int.random(in: 1...3, using: &random) {
      guard !body.isEmpty else { break }
      switch Int.random(in: 0..<10, using: &random) {
      case 0...2:
        for _ in 0..<Int.random(in: 1...8, using: &random) {
          body[index(&random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        }
      case 3:
        // What decoders trip over most: the extremes.
        body[index(&random)] = Fuzz.pick([0, 1, 0x7F, 0x80, 0xFE, 0xFF], &random)
      case 4:
        // The header, where everything else follows from.
        let end = min(40, body.count)
        body[Int.random(in: 0..<end, using: &random)] = UInt8.random(in: 0...255, using: &random)
      case 5: body.removeLast(Int.random(in: 0...body.count, using: &random))
      case 6:
        let extra = (0..<Int.random(in: 1...40, using: &random)).map { _ in
          UInt8.random(in: 0...255, using: &random)
        }
        body.insert(contentsOf: extra, at: index(&random))
      case 7:
        let start = index(&random)
        body.removeSubrange(start..<min(start + Int.random(in: 1...16, using: &random), body.count))
      case 8:
        // The beginning of one and the end of another.
        let other = Fuzz.pick(seeds, &random).dropLast(4)
        body =
          body.prefix(index(&random))
          + other.suffix(Int.random(in: 0...other.count, using: &random))
      default:
        let kept = index(&random)
        for position in kept..<body.count {
          body[position] = UInt8.random(in: 0...255, using: &random)
        }
      }
    }
    let opening = whole.prefix(5)
    if body.count >= opening.count, Int.random(in: 0..<16, using: &random) > 0 {
      // Magic and version, without which nothing further is looked at.
      body.replaceSubrange(0..<opening.count, with: opening)
    }
    if Int.random(in: 0..<16, using: &random) == 0 {
      // As it is: bytes at random, mostly without a checksum.
      return body
    }
    var crc = CRC32C()
    body.withUnsafeBytes { crc.update($0) }
    return body + (0..<4).map { UInt8(truncatingIfNeeded: crc.value >> (8 * $0)) }
  }

  private static func pick<Element>(_ list: [Element], _ random: inout RandomSource) -> Element {
    list[Int.random(in: 0..<list.count, using: &random)]
  }
}
