import Foundation
import Recipes
import Sweeps
import Testing

/// Every sweep of the project fits its recipe, with every setting.
@Suite struct SweepFilesTests {
  private static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

  static let files: [String] =
    ((try? FileManager.default.subpathsOfDirectory(atPath: root + "/Recipes")) ?? [])
    .filter { $0.hasSuffix(".sweep.yaml") }.map { "Recipes/\($0)" }.sorted()

  @Test func sweepsAreFound() {
    for file in [
      "bottleneck/cifar10-bottlefit", "bottleneck/cifar10-cr-bq", "bottleneck/cifar10-end-to-end",
      "bottleneck/cifar10-entropic-student", "image-compression/cifar10-factorized-prior",
      "image-compression/cifar10-mean-scale-hyperprior",
      "image-compression/cifar10-scale-hyperprior", "ladon/bccd", "ladon/bccd-network",
      "ladon/camvid", "ladon/camvid-network", "ladon/shapes", "mtl-split/cifar10-frozen",
      "mtl-split/shapes-mobilenetv3", "mtl-split/shapes-vgg", "nasc/fashion-mnist",
      "nasc/fashion-mnist-small",
      "navisplit/drone-branches", "navisplit/drone-gate", "navisplit/drone-navigator",
      "navisplit/indoor-branches", "salt/cifar10-users", "salt/fashion-mnist",
      "salt/fashion-mnist-users", "semanticnn/cifar10-resnet20", "semanticnn/fashion-mnist",
      "slicer/characters", "slicer/cifar10-resnet20", "slicer/cifar10-resnet20-blocks",
      "slicer/cifar10-resnet20-times", "slicer/fashion-mnist", "slicer/fashion-mnist-blocks",
      "slicer/fashion-mnist-times", "sparse-exit/cifar10-resnet44", "sparse-exit/convolutional",
      "sparse-exit/density", "sparse-exit/fashion-mnist-exit", "sparse-exit/fashion-mnist-frozen",
      "sparse-exit/junctions", "sparse-exit/patterns", "sparse-exit/perceptrons",
    ] { #expect(Self.files.contains("Recipes/\(file).sweep.yaml")) }
  }

  @Test(arguments: files) func everySweepCanBePlanned(file: String) throws {
    let text = try String(contentsOfFile: "\(Self.root)/\(file)", encoding: .utf8)
    let header = text.prefix { $0 != "\n" }
    #expect(header == "# cleave sweep \(file)" || header.hasPrefix("# cleave sweep \(file) --"))
    #expect(text.dropFirst(header.count).hasPrefix("\n#\n# "), "and says below what it does")
    var sweep = try SweepConfiguration(RecipeDocument(name: file, text: text))
    // Files are named from the project's folder.
    sweep.recipe = "\(Self.root)/\(sweep.recipe)"
    // That a checkpoint is there is all that a plan asks of it; published ones are not.
    let hasCheckpoint = try RecipeDocument(contentsOf: sweep.recipe).leaves
      .contains { $0.key == "network.checkpoint" }
    let overrides =
      hasCheckpoint
      ? ["network.checkpoint=\(Self.root)/Checkpoints/fashion-mnist-resnet8.h5"] : []
    let plan = try SweepPlan(
      sweep, overrides: overrides, folder: NSTemporaryDirectory() + "nothing-is-here")
    let seeds = plan.settings.map { setting in
      sweep.variants.first { $0.name == setting.variant }?.seeds ?? sweep.seeds
    }
    #expect(plan.runs.count == seeds.reduce(0) { $0 + $1.count })
    #expect(try plan.runs.allSatisfy { try plan.state(of: $0) == .new })
  }
}
