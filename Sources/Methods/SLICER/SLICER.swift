internal import Codecs
internal import Datasets
internal import Files
internal import Foundation
internal import Metrics
public import Networks
internal import Splitting
public import Tensors
public import Training

/// Searches a cut of a trained network and how what crosses it is compressed, and trains nothing.
///
/// Source: https://arxiv.org/abs/2511.11608.
public struct SLICER: TrainingFreeMethod {
  /// `slicer`.
  public static let name = "slicer"

  /// What the method does, in one sentence.
  public static let summary =
    "choose a cut and how its features are compressed, without training anything"

  /// The whole network, which stays as it is.
  public let network: Network

  /// What pixels go through first.
  public let inputTransform: InputTransform

  /// The checkpoint files the recipe builds on.
  public let parents: [String]

  /// What was chosen, once it was.
  public private(set) var choice: SLICERChoice?

  private let configuration: SLICERConfiguration
  private let setting: MethodSetting
  private let cuts: [String]

  /// Reads the network and checks the cuts.
  ///
  /// - Throws: what keeps the network from being read or from fitting the data set, or
  ///   ``SLICERError``.
  public init(_ configuration: SLICERConfiguration, _ setting: MethodSetting) throws {
    guard setting.link.loss == 0, setting.link.noise == 0 else { throw SLICERError.lossyLink }
    let loaded = try setting.loadNetwork()
    let network = loaded.network
    if let names = configuration.cuts {
      for name in names {
        do throws(NetworkError) { _ = try network.cut(at: name) } catch {
          throw SLICERError.cut(name, reason: "\(error)")
        }
      }
      cuts = names
    } else {
      cuts = setting.network.cut.map { [$0] } ?? network.cutPoints.map(\.name)
    }
    self.network = network
    inputTransform = loaded.inputTransform
    parents = setting.network.files
    self.configuration = configuration
    self.setting = setting
  }

  // MARK: - Choosing

  /// The validation images that settings are tried on, and tables calibrated.
  private func searchImages() throws -> ImageDataset {
    try setting.data.sample(
      configuration.images, of: setting.data.validation(), for: "slicer.images")
  }

  /// Searches on the validation images.
  public mutating func choose(for network: Network) throws -> String? {
    let choice = try SLICERSearch(
      configuration: configuration,
      images: searchImages(),
      inputTransform: inputTransform, link: setting.link,
      temporaryDirectory: setting.temporaryDirectory, observer: setting.observer
    ).run(network, cuts: cuts)
    self.choice = choice
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    return String(decoding: try encoder.encode(choice), as: UTF8.self) + "\n"
  }

  /// Takes up what a run has chosen.
  ///
  /// - Throws: ``SLICERError/damagedChoice(_:)``.
  public mutating func adopt(_ choice: String) throws {
    do {
      let found = try JSONDecoder().decode(SLICERChoice.self, from: Data(choice.utf8))
      guard (0...1).contains(found.keep), SLICERCodec.blockRange.contains(found.blocks),
        found.tolerance >= 0, Float(found.tolerance).isFinite
      else { throw SLICERError.damagedChoice("a value is out of range") }
      _ = try network.cut(at: found.cut)
      self.choice = found
    } catch let error as SLICERError {
      throw error
    } catch {
      throw SLICERError.damagedChoice(DecodingFlaw.words(error))
    }
  }

  /// The network cut where it was chosen, or where the recipe says as long as nothing was.
  ///
  /// - Throws: `SetupError.cutNeeded` without either.
  public func parts(_ network: Network) throws -> (device: Network, server: Network?) {
    guard let cut = choice?.cut ?? setting.network.cut else { throw SetupError.cutNeeded }
    let (head, tail) = try network.cut(at: cut)
    return (head, tail)
  }

  /// The network with the codec that was chosen between its parts; with values as they are as long as
  /// nothing was.
  ///
  /// - Throws: as ``parts(_:)``.
  public func systems(_ network: Network) throws -> [any SplitSystem] {
    [try system(network)]
  }

  private func system(_ network: Network) throws -> CodedSystem {
    let (device, server) = try parts(network)
    let codec: any LatentCodec =
      choice.map { $0.codec(configuration, blocks: $0.blocks) } ?? IdentityCodec()
    return CodedSystem(
      name: SLICER.name, family: SLICER.name, device: device, inputTransform: inputTransform,
      codec: codec, server: server ?? network)
  }

  // MARK: - Evaluation

  /// A codec of the comparison.
  private struct Contender {
    let name: String
    let codec: any LatentCodec
    var tables = CodecTables.none
    var tableBytes = 0
    var isChosen = false
  }

  /// Accuracy and exact bytes of the chosen setting on the test images, beside other numbers of
  /// blocks and the plain codecs at the same cut, and what the split costs.
  ///
  /// - Throws: ``SLICERError/notChosen``, or what reading images throws.
  public func evaluate(_ network: Network) throws -> EvaluationReport {
    guard let choice else { throw SLICERError.notChosen }
    let device = try network.cut(at: choice.cut).head
    let head = Head(device)
    let contenders = try contenders(choice, head)
    let system = try system(network)
    let systems = contenders.map {
      system.with(name: $0.name, family: SLICER.name, codec: $0.codec, tables: $0.tables)
    }
    let evaluation = try setting.evaluation(
      through: inputTransform, classCount: network.outputShape[-1])
    let found = try evaluation.run(systems, observer: setting.observer)
    let chosen = contenders.firstIndex(where: \.isChosen) ?? 0
    let original = contenders.firstIndex { $0.codec is IdentityCodec } ?? chosen
    var report = evaluation.report(
      method: SLICER.name, network: network.cost, found[chosen].counts)
    report.comparisons =
      evaluation.comparisons(name: "original", found[original].counts)
      + evaluation.comparisons(name: SLICER.name, found[chosen].counts)
    let latentBytes = head.latentShape.elementCount * MemoryLayout<Float>.stride
    let user = evaluation.userClasses ?? Array(0..<evaluation.classCount)
    report.codecs = zip(contenders, found).compactMap { contender, found in
      EvaluationReport.CodecComparison(
        name: contender.name, isChosen: contender.isChosen,
        accuracy: found.counts.plain.accuracy(of: user), stream: found.traffic.stream,
        latentBytes: latentBytes, tableBytes: contender.tableBytes)
    }
    report.split = try setting.cost(of: systems[chosen], found[chosen].traffic)
    return report
  }

  private func contenders(_ choice: SLICERChoice, _ head: Head) throws -> [Contender] {
    func name(_ blocks: Int) -> String {
      "slicer at \(choice.cut), keep \(choice.keep), \(blocks) \(blocks == 1 ? "block" : "blocks"), "
        + "tolerance \(choice.tolerance)"
    }
    var contenders = Set(configuration.blocks + [choice.blocks]).sorted().map { blocks in
      Contender(
        name: name(blocks), codec: choice.codec(configuration, blocks: blocks),
        isChosen: blocks == choice.blocks)
    }
    contenders.append(Contender(name: IdentityCodec.name, codec: IdentityCodec()))
    guard !configuration.compare.isEmpty else { return contenders }
    let images = try searchImages()
    let store = try FeatureStore(
      head, dataset: images, transform: inputTransform, batchSize: 256,
      memoryLimit: 1 << 30, directory: setting.temporaryDirectory)
    let samples = try (0..<images.count).map {
      try store.latents(of: [$0]).reshaped(to: head.latentShape)
    }
    for bits in configuration.compare {
      contenders.append(Contender(name: "packed, \(bits) bits", codec: PackedCodec(bits: bits)))
      contenders.append(Contender(name: "rans, \(bits) bits", codec: RANSCodec(bits: bits)))
      let tables = try ContextTables(calibratedOn: samples, bits: bits)
      contenders.append(
        Contender(
          name: "context, \(bits) bits", codec: ContextCodec(tables, tableNumber: 0),
          tables: CodecTables([0: tables]), tableBytes: tables.bytes.count))
    }
    return contenders
  }
}
