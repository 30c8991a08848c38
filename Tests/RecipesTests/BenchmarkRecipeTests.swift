import Datasets
import Foundation
import Networks
import Plots
import Recipes
import Reports
import Splitting
import Tensors
import Testing
import Training

@Suite struct BenchmarkRecipeTests {
  static let head = """
    method: supervised
    seed: 1
    data: {name: shapes, samples: 40, test_samples: 12, size: 16}
    network: {architecture: resnet8, cut: layer1, input: {scale: 255}}

    """

  private func document(_ benchmark: String) throws(RecipeProblems) -> RecipeDocument {
    try RecipeDocument(name: "r.yaml", text: Self.head + benchmark)
  }

  @Test func everyMistakeIsReportedAtItsPlace() {
    let found = problemLines { () throws(RecipeProblems) in
      _ = try Recipe(
        try document(
          """
          benchmark:
            systems:
              - {input: jpg, qualities: [50]}
              - {input: webp, qualities: [0, 50]}
              - {latent: packed, bits: [17], quality: 3}
              - {latent: fp16, bits: [4]}
              - {latent: rans}
              - {input: jpeg, qualities: [5], cut: layer1}
              - {input: jpeg, latent: rans}
              - {name: x}
              - {run: /nowhere/run}
            links:
              - {name: a, rate: 1 Mbit/s}
              - {name: a, rate: 2}
            limit: 0
          """))
    }
    #expect(
      found == [
        "r.yaml:7:15: 'benchmark.systems[0].input' expects 'jpeg' or 'webp', found 'jpg' (did you "
          + "mean 'jpeg'?)",
        "r.yaml:8:32: 'benchmark.systems[1].qualities': expected 1 to 100, found 0",
        "r.yaml:9:30: 'benchmark.systems[2].bits': expected 1 to 16, found 17",
        "r.yaml:9:36: unknown key 'quality' in 'benchmark.systems[2]'; known keys: place, "
          + "input, qualities, latent, bits, cut, run, name",
        "r.yaml:10:28: 'benchmark.systems[3].bits': fp16 has no choice of bits",
        "r.yaml:11:7: 'benchmark.systems[4]': expected 'bits', a list of numbers",
        "r.yaml:12:42: 'benchmark.systems[5].cut': goes with latent, not with input",
        "r.yaml:13:7: 'benchmark.systems[6]': expected one of input, latent, run and place, "
          + "found input and latent",
        "r.yaml:14:7: 'benchmark.systems[7]': expected one of input, latent, run and place, "
          + "found none",
        "r.yaml:15:13: 'benchmark.systems[8].run': there is no run in /nowhere/run",
        "r.yaml:18:23: 'benchmark.links[1].rate': 2 has no unit: expected one of bit/s, kbit/s, "
          + "Mbit/s, Gbit/s, B/s, kB/s, MB/s, GB/s, such as '10 Mbit/s'",
        "r.yaml:19:10: 'benchmark.limit': expected 1 or more, found 0",
      ])
  }

  @Test func whatOnlyTheNetworkShowsIsReportedAtItsPlace() throws {
    let recipe = try Recipe(
      try document(
        """
        benchmark:
          systems:
            - {latent: fp16, cut: layr2}
            - {latent: fp16, cut: layer2.0.conv1}
        """))
    let found = problemLines { () throws(RecipeProblems) in
      do { _ = try Experiment.benchmark(recipe, observer: SilentObserver()) } catch {
        guard let problems = error as? RecipeProblems else { return }
        throw problems
      }
    }
    #expect(found.count == 2)
    #expect(found[0].hasPrefix("r.yaml:7:27: 'benchmark.systems[0].cut': the network has no node"))
    #expect(
      found[1].hasPrefix("r.yaml:8:27: 'benchmark.systems[1].cut': a cut at 'layer2.0.conv1'"))
  }

  @Test func everyKindOfSystemIsMeasured() throws {
    let recipe = try Recipe(
      try document(
        """
        benchmark:
          systems:
            - {input: jpeg, qualities: [20, 90]}
            - {input: webp, qualities: [50]}
            - {latent: fp32}
            - {latent: fp16}
            - {latent: packed, bits: [8]}
            - {latent: rans, bits: [8]}
            - {latent: sparse-rans, bits: [8]}
            - {latent: context, bits: [8], cut: layer2}
          limit: 6
          timed_samples: 2
          calibration_samples: 5
        """))
    let report = try Experiment.benchmark(recipe, observer: SilentObserver())
    #expect(report.samples == 6 && report.timedSamples == 2)
    #expect(
      report.systems.map(\.name) == [
        "pixels", "jpeg 20", "jpeg 90", "webp 50", "fp32 layer1", "fp16 layer1",
        "packed layer1, 8 bits", "rans layer1, 8 bits", "sparse-rans layer1, 8 bits",
        "context layer2, 8 bits",
      ])
    // The recipe's own link, since there are no others.
    #expect(report.links.map(\.name) == ["10 Mbit/s"])
    let systems = Dictionary(uniqueKeysWithValues: report.systems.map { ($0.name, $0) })
    let whole = try #require(systems["pixels"])
    #expect(whole.bytes.mean == 768 && whole.encoderBytes == 0 && whole.relativeDrop == 0)
    // 16·16·16 values; a header of 8, three extents, a checksum of 4.
    let exact = try #require(systems["fp32 layer1"])
    #expect(exact.bytes.mean == 16384 + 15)
    #expect(exact.accuracy == whole.accuracy)
    #expect(exact.deviceMACs + exact.serverMACs == whole.serverMACs)
    #expect(try #require(systems["fp16 layer1"]).bytes.mean == 8192 + 15)
    // Only tables expect anything, and they are on the device.
    let context = try #require(systems["context layer2, 8 bits"])
    #expect(try #require(context.estimatedBytes) < context.bytes.mean)
    #expect(context.encoderBytes > 81 * 32 * 256 * 2)
    #expect(report.systems.filter { $0.estimatedBytes != nil }.count == 1)
    // A limit of the caller goes before the recipe's.
    #expect(
      try Experiment.benchmark(recipe, limit: 1, observer: SilentObserver()).samples == 1)
  }

  @Test func aRecipeWithoutABenchmarkIsRefused() throws {
    let recipe = try Recipe(try document(""))
    #expect(throws: ExperimentError.benchmarkNeeded) {
      try Experiment.benchmark(recipe, observer: SilentObserver())
    }
  }

  @Test func aRunIsMeasuredAsItsMethodDeploysIt() throws {
    let folder = NSTemporaryDirectory() + "cleave-benchmark-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let text = Self.head + "train: {epochs: 1, batch_size: 16}\n"
    for seed in [1, 2] {
      _ = try Experiment.train(
        Recipe(
          RecipeDocument(name: "t.yaml", text: text, overrides: ["seed=\(seed)"])),
        in: "\(folder)/\(seed)", resumes: false, observer: SilentObserver())
    }
    let recipe = try Recipe(
      try document(
        """
        benchmark:
          timed_samples: 1
          systems:
            - {run: \(folder)/1}
            - {run: \(folder)/2}
            - {run: [\(folder)/1, \(folder)/2], name: trained}
        """))
    let report = try Experiment.benchmark(recipe, observer: SilentObserver())
    #expect(report.systems.map(\.name) == ["pixels", "supervised #1", "supervised #2", "trained"])
    #expect(report.systems.map(\.seeds) == [1, 1, 1, 2])
    #expect(report.systems[1].bytes.mean == 16384 + 15)
    #expect(report.systems[3].accuracy?.deviation != nil)
    // Points of one curve.
    #expect(report.systems[1].family == report.systems[2].family)
    let own = try Experiment.evaluate(run: "\(folder)/1", observer: SilentObserver())
    #expect(report.systems[1].accuracy?.mean == own.accuracy)

    // Other data have no place beside the recipe's.
    let other = try Recipe(
      try RecipeDocument(
        name: "r.yaml", text: Self.head + "benchmark: {systems: [{run: \(folder)/1}]}",
        overrides: ["data.size=24"]))
    #expect {
      try Experiment.benchmark(other, observer: SilentObserver())
    } throws: {
      "\($0)".contains("r.yaml:5:29: 'benchmark.systems[0].run': the run in")
        && "\($0)".contains("another data set")
    }
  }
}

@Suite struct TradeOffPageTests {
  /// A system that sends a hundred bytes, or two hundred for every second image, and is right with
  /// every image or with none.
  struct Stub: SplitSystem {
    var name = "a<b>&\"'"
    var family = "a<b>"
    var encoderBytes = 1024
    var deviceMACs = 1000
    var serverMACs = 2
    var isRight = true

    func latent(_ pixels: Tensor<Float>) throws -> Tensor<Float> { pixels }
    func encode(_ latent: Tensor<Float>) throws -> [UInt8] {
      let pixel = UInt8(latent.scalars[0])
      return [UInt8](repeating: pixel, count: pixel == 0 ? 100 : 200)
    }
    func decode(_ bytes: [UInt8]) throws -> Tensor<Float> {
      Tensor([1, 1, 1, 1], [Float(bytes[0])])
    }
    var answerBytes: Int { 8 }
    func answers(_ latents: Tensor<Float>) throws -> [Tensor<Float>] {
      [
        Tensor(
          [latents.shape[0], 2],
          latents.scalars.flatMap { ($0 == 0) == isRight ? [1, 0] as [Float] : [0, 1] })
      ]
    }
    func estimatedBytes(_ latent: Tensor<Float>) throws -> Double? { 90 }
  }

  /// A report with every character that HTML minds in its names.
  private func report() throws -> TradeOffReport {
    let dataset = ImageDataset(
      name: "d&d", imageShape: [1, 1, 1], classNames: ["a", "b"], pixels: [0, 1],
      labels: [0, 1])
    let link = TradeOffReport.NamedLink(name: "<script>", link: try Link())
    return try TradeOff(dataset: dataset, links: [link], energy: EnergyModel()).report(
      reference: Stub(name: "pixels", family: "pixels", encoderBytes: 0),
      [[Stub(), Stub(isRight: false)]], observer: nil)
  }

  @Test func thePageIsOneFileAndEscapesWhatItIsGiven() throws {
    let page = try report().page
    #expect(page.hasPrefix("<!DOCTYPE html>"))
    #expect(page.contains("a&lt;b&gt;&amp;&quot;&#39;"))
    #expect(page.contains("d&amp;d"))
    #expect(!page.contains("a<b>") && !page.contains("<script>"))
    // Nothing is loaded: no links, sources, imports or scripts.
    for word in ["src=", "href=", "@import", "url(", "<link", "<iframe"] {
      #expect(!page.contains(word), "\(word)")
    }
    // Two curves and a chart of bars, each for a desktop and for a phone, with words for those who do
    // not see it.
    #expect(page.matches(of: /<svg\s/).count == 6)
    #expect(page.matches(of: /role="img" aria-label="[^"]{10,}"/).count == 6)
    #expect(page.contains("prefers-color-scheme:dark"))
  }

  @Test func tablesSayUnitsAndSpread() throws {
    let report = try report()
    let table = report.systemTable
    #expect(
      table.rows == [
        ["pixels", "–", "150", "199", "90", "100.00", "–", "–"],
        // All right and all wrong; 1 KiB times 150 of 1,024 bytes.
        ["a<b>&\"'", "1,024 B", "150", "200", "90", "50.00 ± 70.71", "50.00", "0.146"],
      ])
    #expect(table.header.last == "ExR-D, KiB²")
    #expect(report.timeTable.rows[1].prefix(3) == ["a<b>&\"'", "1,000", "2"])
    #expect(report.linkTable(0).rows[0].count == report.linkTable(0).header.count)
  }

  @Test func aFamilyHasTheSameColourInBothPictures() throws {
    let report = try report()
    #expect(report.ratePlots[0].curves.map(\.name) == report.encoderPlot.curves.map(\.name))
    // What has nothing on the device has no place there.
    #expect(report.encoderPlot.curves.map(\.samples.count) == [0, 1])
  }
}
