import Checkpoints
import Foundation
import Networks
import Recipes
import Tensors
import Testing
import Training

/// Recipes whose tail is at an address.
@Suite struct ServedTailTests {
  private let folder: String
  private let head: String

  init() throws {
    folder = NSTemporaryDirectory() + "cleave-served-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    head = "\(folder)/head.h5"
    var network = try ResNet.narrow(depth: 8, classes: 7, inputShape: [16, 16, 3])
    network.initializeParameters(seed: 1)
    try Checkpoint(network: try network.cut(at: "layer1").head).write(to: head)
  }

  private func recipe(
    method: String = "salt", _ network: String
  ) throws(RecipeProblems) -> Recipe {
    try Recipe(
      RecipeDocument(
        name: "r.yaml",
        text: """
          method: \(method)
          data: {name: shapes, samples: 40, test_samples: 12, size: 16}
          network: {head: \(head), input: {scale: 255}, \(network)}
          train: {epochs: 1}
          """))
  }

  private func problems(_ body: () throws -> Void) -> String {
    do { try body() } catch { return "\(error)" }
    return ""
  }

  @Test(arguments: [
    (
      "tail: 'http://host:1'",
      "'http://host:1' is no address of a tail: expected grpc://host:port, or grpcs://host:port"
    ),
    ("tail: 'grpc://host'", "'grpc://host' is no address of a tail"),
    ("tail: nowhere.h5", "there is no file nowhere.h5"),
    (
      "tail: nowhere.h5, tail_access: {deadline: 3 s}",
      "'network.tail_access': goes with a tail at an address"
    ),
    (
      "tail: 'grpc://host:1', tail_access: {token: abc}",
      "unknown key 'token' in 'network.tail_access'"
    ),
    (
      "tail: 'grpc://host:1', tail_access: {key: k.pem}",
      "'network.tail_access.certificate': expected both certificate and key, or neither"
    ),
    (
      "tail: 'grpc://host:1', tail_access: {deadline: 0 s}",
      "'network.tail_access.deadline': expected a time above zero"
    ),
  ]) func mistakesAreReportedAtTheirPlace(network: String, expected: String) {
    let found = problems { _ = try recipe(network) }
    #expect(found.contains(expected), "\(found)")
    #expect(found.hasPrefix("r.yaml:3:"))
  }

  /// Nothing is asked before it is known that the recipe can be run.
  @Test func aMethodThatNeedsLayersOfAServedTailIsRefused() throws {
    let recipe = try recipe(method: "supervised", "tail: 'grpc://127.0.0.1:1'")
    let found = problems {
      _ = try Experiment.train(
        recipe, in: "\(folder)/run", resumes: false, observer: SilentObserver())
    }
    #expect(found.contains("r.yaml:3:"))
    #expect(found.contains("the tail at grpc://127.0.0.1:1 is closed"), "\(found)")
  }

  #if !GRPC
    @Test func aBuildWithoutGRPCSaysWhatIsMissing() throws {
      let recipe = try recipe("tail: 'grpc://127.0.0.1:1'")
      let found = problems {
        _ = try Experiment.train(
          recipe, in: "\(folder)/run", resumes: false, observer: SilentObserver())
      }
      #expect(found.contains("'network.tail': this build cannot reach the tail at"), "\(found)")
      #expect(found.contains("--traits GRPC"))
      #expect(!FileManager.default.fileExists(atPath: "\(folder)/run"))
    }
  #endif
}
