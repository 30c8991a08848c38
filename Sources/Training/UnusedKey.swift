/// A key of a recipe that has no effect, given the others.
public struct UnusedKey: Hashable, Sendable {
  /// The keys that lead to it from the recipe's top.
  public let keys: [String]
  /// The reason, as in "goes with variant: retrain".
  public let reason: String

  /// Creates an unused key.
  public init(_ keys: [String], _ reason: String) {
    self.keys = keys
    self.reason = reason
  }

  /// Keys of one node that share their reason.
  public static func all(
    _ names: [String], of node: String..., because reason: String
  ) -> [UnusedKey] {
    names.map { UnusedKey(node + [$0], reason) }
  }
}

/// Sections of a recipe that every method shares.
public struct RecipeSections: Sendable {
  /// The network or its parts.
  public let network: NetworkConfiguration
  /// The training.
  public let training: TrainingConfiguration
  /// The data set.
  public let data: DataConfiguration

  /// Creates the sections.
  public init(
    network: NetworkConfiguration, training: TrainingConfiguration, data: DataConfiguration
  ) {
    self.network = network
    self.training = training
    self.data = data
  }

  /// Keys that no method would use, given the others.
  public var unusedKeys: [UnusedKey] {
    var unused: [UnusedKey] = []
    if network.checkpoint != nil, network.architecture == nil {
      unused.append(UnusedKey(["network", "classes"], "the checkpoint has its number of classes"))
    } else if network.head != nil {
      unused.append(UnusedKey(["network", "classes"], "the tail has its number of classes"))
    }
    if network.checkpoint == nil {
      unused.append(UnusedKey(["network", "configuration"], "goes with a checkpoint"))
    }
    if let stages = training.stages, !stages.isEmpty {
      let own: [(key: String, isOwn: (TrainingStage) -> Bool)] = [
        ("epochs", { $0.epochs != nil }), ("optimizer", { $0.optimizer != nil }),
        ("schedule", { $0.schedule != nil }), ("clip_norm", { $0.clipNorm != nil }),
        ("early_stopping", { $0.earlyStopping != nil }), ("monitor", { $0.monitor != nil }),
      ]
      for (key, isOwn) in own where stages.allSatisfy(isOwn) {
        unused.append(UnusedKey(["train", key], "every stage has its own"))
      }
    }
    return unused
  }
}
