import Codecs
import Configurations
import Datasets
import Foundation
import Methods
import Networks
import Splitting
import Tensors
import Testing
import Training

@Suite struct SLICERTests {
  private func bench() throws -> Workbench {
    var bench = try Workbench()
    bench.network = NetworkConfiguration(architecture: "resnet8", input: bench.transform)
    return bench
  }

  private func configuration(_ cuts: [String] = ["layer1", "layer2"]) -> SLICERConfiguration {
    var configuration = SLICERConfiguration(cuts: cuts)
    configuration.keep = [0.2, 0.5, 1]
    configuration.blocks = [1, 2]
    configuration.tolerance = [0, 0.2]
    configuration.compare = [2]
    // So many images may be wrong that the smallest setting is good enough.
    configuration.accuracyDrop = 1
    return configuration
  }

  @Test func theTrainerMovesNothing() throws {
    var bench = try bench()
    bench.training.epochs = 3
    let method = try SLICER(configuration(), bench.setting)
    let outcome = try bench.train(method)
    #expect(outcome.history.isEmpty)
    #expect(outcome.network.parameters == method.network.parameters)
  }

  @Test func theSmallestSettingThatIsGoodEnoughIsChosen() throws {
    let bench = try bench()
    var method = try SLICER(configuration(), bench.setting)
    _ = try method.choose(for: method.network)
    let choice = try #require(method.choice)
    #expect(choice.keep == 0.2)
    #expect(choice.tolerance == 0.2)
    // Exact bytes, counted here once more on the same images.
    let (head, _) = try method.network.cut(at: choice.cut)
    let images = try bench.setting.data.validation()
    #expect(choice.images == images.count)
    let latents = Head(head)(try bench.transform(images.pixels(at: Array(0..<images.count))))
    func meanBytes(_ blocks: Int) throws -> Double {
      let codec = SLICERCodec(keep: 0.2, blocks: blocks, tolerance: 0.2)
      let bytes = try (0..<images.count).map { index in
        try codec.stream(
          latents.rows(index..<index + 1).reshaped(to: latents.shape.droppingFirst())
        ).count
      }
      return Double(bytes.reduce(0, +)) / Double(images.count)
    }
    #expect(try choice.meanBytes == meanBytes(choice.blocks))
    // Set beside other systems, it sends what it has chosen to.
    let system = try #require(try method.systems(method.network).first)
    let pixels = try images.pixels(at: [0])
    #expect(
      try system.encode(system.latent(pixels)).count
        == SLICERCodec(keep: 0.2, blocks: choice.blocks, tolerance: 0.2).stream(
          latents.rows(0..<1).reshaped(to: latents.shape.droppingFirst())
        ).count)
    #expect(try choice.meanBytes <= meanBytes(3 - choice.blocks))
  }

  @Test func aSettingThatLosesTooMuchIsNotChosen() throws {
    let bench = try bench()
    var configuration = configuration(["layer2"])
    configuration.accuracyDrop = 0
    configuration.keep = [0.01, 1]
    configuration.tolerance = [0]
    var method = try SLICER(configuration, bench.setting)
    _ = try method.choose(for: method.network)
    let choice = try #require(method.choice)
    #expect(choice.accuracy >= choice.originalAccuracy)
  }

  @Test func capsRuleOutCuts() throws {
    let bench = try bench()
    let method = try SLICER(configuration(), bench.setting)
    func chosen(_ change: (inout SLICERConfiguration) -> Void) throws -> String? {
      var configuration = configuration()
      change(&configuration)
      var method = try SLICER(configuration, bench.setting)
      _ = try method.choose(for: method.network)
      return method.choice?.cut
    }
    let costs = try ["layer1", "layer2"].map { try method.network.cut(at: $0).head.folded().cost }
    #expect(costs[0].macs < costs[1].macs)
    // The later cut has half the values, and so the fewer bytes, but costs the device more.
    #expect(try chosen { _ in } == "layer2")
    #expect(try chosen { $0.deviceMACs = costs[1].macs } == "layer2")
    #expect(try chosen { $0.deviceMACs = costs[1].macs - 1 } == "layer1")
    #expect(try chosen { $0.deviceMemory = ByteCount(costs[1].parameterBytes - 1) } == "layer1")
    #expect(throws: SLICERError.noCut(known: ["layer1", "layer2"])) {
      try chosen { $0.deviceMACs = costs[0].macs - 1 }
    }
    // The link's way there and back alone takes 20 ms.
    #expect(throws: SLICERError.noCut(known: ["layer1", "layer2"])) {
      try chosen { $0.latency = .milliseconds(20) }
    }
    #expect(try chosen { $0.latency = .seconds(60) } == "layer2")
  }

  @Test func whatWasChosenIsTakenUpAgain() throws {
    let bench = try bench()
    var first = try SLICER(configuration(), bench.setting)
    let text = try #require(try first.choose(for: first.network))
    var second = try SLICER(configuration(), bench.setting)
    #expect(throws: SLICERError.notChosen) { try second.evaluate(second.network) }
    try second.adopt(text)
    #expect(second.choice == first.choice)
    let reports = try [first.evaluate(first.network), second.evaluate(second.network)]
    #expect(reports[0].accuracy == reports[1].accuracy)
    #expect(reports[0].codecs?.map(\.meanBytes) == reports[1].codecs?.map(\.meanBytes))
    let choice = try #require(second.choice)
    let (device, server) = try second.parts(second.network)
    #expect(try device.outputs == [second.network.resolve(choice.cut)])
    #expect(server != nil)
    for damaged in ["", "{}", text.replacing("layer", with: "lair"), text.replacing(":", with: "")]
    {
      #expect(throws: SLICERError.self) { try second.adopt(damaged) }
    }
  }

  @Test func theReportComparesCodecsAtTheCut() throws {
    let bench = try bench()
    var method = try SLICER(configuration(["layer1"]), bench.setting)
    _ = try method.choose(for: method.network)
    let report = try method.evaluate(method.network)
    let codecs = try #require(report.codecs)
    #expect(codecs.count == 6)
    #expect(codecs.filter(\.isChosen).map(\.accuracy) == [report.accuracy])
    // 16×16×16 values of four bytes, and a header of 8, extents of 3 and a checksum of 4.
    let plain = try #require(codecs.first { $0.name == "fp32" })
    #expect(plain.meanBytes == 16399)
    #expect(plain.p99Bytes == 16399)
    #expect(plain.accuracy == report.comparisons.first?.userAccuracy)
    let split = try #require(report.split)
    #expect(
      split.uplinkBytes == codecs.first(where: \.isChosen).map { Int($0.meanBytes.rounded()) })
    let context = try #require(codecs.first { $0.name == "context, 2 bits" })
    #expect(context.tableBytes > 0)
  }

  @Test func aLinkThatLosesValuesIsRefused() throws {
    var bench = try bench()
    bench.link = try Link(loss: 0.1)
    #expect(throws: SLICERError.lossyLink) { try SLICER(configuration(), bench.setting) }
  }

  @Test func aWrongCutIsNamed() throws {
    let bench = try bench()
    #expect {
      try SLICER(configuration(["layer7"]), bench.setting)
    } throws: { "\($0)".hasPrefix("slicer.cuts: layer7 is no valid cut") }
  }

  @Test func settingsOutOfRangeAreReported() {
    var configuration = SLICERConfiguration(cuts: [])
    configuration.keep = [0.1, 0]
    configuration.blocks = []
    configuration.tolerance = [-1]
    configuration.asymmetry = 2
    configuration.reading = .budget
    configuration.accuracyDrop = -0.1
    configuration.images = 0
    configuration.deviceMACs = 0
    configuration.compare = [9]
    var report = ValidationReport()
    configuration.validate(&report)
    #expect(
      Set(report.findings.map(\.keys)) == [
        ["cuts"], ["keep", "1"], ["blocks"], ["tolerance", "0"], ["asymmetry"],
        ["accuracy_drop"], ["images"], ["device_macs"], ["compare", "0"],
      ])
  }
}
