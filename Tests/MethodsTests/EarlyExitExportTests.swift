import Export
import Foundation
import Networks
import Recipes
import Tensors
import Testing
import Training

/// A network with exits as it is exported.
@Suite struct EarlyExitExportTests {
  @Test func theManifestSaysWhenTheDeviceAnswers() throws {
    let folder = try TemporaryFolder()
    let text = """
      method: early_exit
      data: {name: shapes, size: 16, samples: 60, test_samples: 12, validation_fraction: 0.3}
      network: {architecture: mlp-12-8, cut: relu1, input: {scale: 255}}
      early_exit:
        training: joint
        exits: [{at: relu1}, {at: relu2}]
        target: {exit_rate: 0.5}
      train: {epochs: 1, batch_size: 16, optimizer: {name: adam}}
      """
    let file = folder.file("recipe.yaml")
    try Data(text.utf8).write(to: URL(fileURLWithPath: file))
    let run = folder.file("run")
    _ = try Experiment.train(
      Recipe(RecipeDocument(contentsOf: file)), in: run, resumes: false,
      observer: SilentObserver())
    let exported = folder.file("exported")
    let manifest = try Experiment.export(run: run, to: exported, observer: SilentObserver())
    let exits = try #require(manifest.exits)
    #expect(exits.map(\.place) == ["device", "server"])
    #expect(exits.allSatisfy { $0.rule == "max_softmax" && $0.temperature > 0 })
    // What leaves at a rate of one half has a threshold between the ends.
    #expect(exits.allSatisfy { $0.threshold > 0 && $0.threshold <= 1 })
    #expect(manifest.head.outputs.map(\.name) == ["relu1", exits[0].output])
    #expect(manifest.tail?.outputs.map(\.name) == ["fc3", exits[1].output])
    let chosen = try String(contentsOfFile: RunDirectory(run).choicePath, encoding: .utf8)
    #expect(chosen.contains("\(exits[0].threshold)"))
    #expect(try ExportManifest(directory: exported) == manifest)
  }
}
