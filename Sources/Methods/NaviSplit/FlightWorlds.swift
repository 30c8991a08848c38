internal import Datasets
internal import DroneWorlds
internal import Tensors
internal import Training

/// The worlds that agents fly in, by what the flights are for; no two have one in common.
struct FlightWorlds {
  /// What flights are for.
  enum Purpose: String {
    case training
    case validation
    case test
    case collection
  }

  let options: WorldOptions
  private let seed: UInt64

  /// Finds the worlds of a recipe's data set.
  ///
  /// - Throws: ``NaviSplitError/noWorlds(dataset:)`` for a data set that was not flown.
  init(_ data: DataProvider) throws {
    let dataset = data.configuration.dataset
    guard dataset.name == DatasetKind.drone.rawValue else {
      throw NaviSplitError.noWorlds(dataset: dataset.name)
    }
    options = dataset.world ?? WorldOptions()
    seed = dataset.seed ?? 0
  }

  /// The generator of the worlds for a purpose.
  func generator(_ purpose: Purpose) -> SceneGenerator {
    var random = RandomSource(seed: seed, purpose: "flights for \(purpose.rawValue)")
    return SceneGenerator(options: options, seed: random.next())
  }
}

/// Why flights cannot be flown.
public enum NaviSplitError: Error, Equatable, CustomStringConvertible {
  /// The data set has no worlds to fly in.
  case noWorlds(dataset: String)
  /// A checkpoint holds something else than a recipe needs of it.
  case checkpoint(file: String, expected: String)
  /// What a run had lived through cannot be read.
  case damagedState(String)

  /// What is wrong and what was expected.
  public var description: String {
    switch self {
    case .noWorlds(let dataset):
      "there is nothing to fly in in the data set \(dataset); expected data.name: drone"
    case .checkpoint(let file, let expected): "\(file) holds no \(expected)"
    case .damagedState(let reason): "what the run has lived through is damaged: \(reason)"
    }
  }
}
