package import Configurations

extension TrainingConfiguration: DescribedNode {
  package static let summary = "How long is trained, in which steps, and when it ends."

  package static func describe(_ key: CodingKeys) -> KeyDescription<TrainingConfiguration> {
    switch key {
    case .epochs: .init(\.epochs, unit: "epochs", "The most passes over the training data.")
    case .batchSize: .init(\.batchSize, unit: "samples", "The samples of a step.")
    case .optimizer:
      .init(
        { WrittenNode("name", $0.optimizer.rule.name.rawValue) }, "How parameters follow gradients."
      )
    case .schedule:
      .init(
        { WrittenNode("name", $0.schedule.curve.name.rawValue) }, "How the learning rate changes.")
    case .clipNorm: .init(absent: "no limit", "The largest norm of a step's gradient.")
    case .earlyStopping:
      .init(absent: "all epochs are trained", "When training ends before the last epoch.")
    case .monitor:
      .init(
        \.monitor,
        "The figure on the validation images that chooses the best epoch: "
          + TrainingStage.monitors.joined(separator: ", ") + ", as the method has it.")
    case .saveEvery:
      .init(
        absent: "at the end of each epoch", "How often the state is saved within an epoch.")
    case .synchronizesBatchNorm:
      .init(
        \.synchronizesBatchNorm,
        "Whether batch norms take the statistics of a batch that several processes share.")
    case .stages:
      .init(
        absent: "one stage", "What differs from stage to stage, for a method that has several.")
    }
  }
}

extension TrainingStage: DescribedNode {
  package static let summary = "What a stage of training has of its own; the rest is as in train."

  package static func describe(_ key: CodingKeys) -> KeyDescription<TrainingStage> {
    switch key {
    case .epochs:
      .init(absent: "as in train", unit: "epochs", "The most passes over the training data.")
    case .optimizer: .init(absent: "as in train", "How parameters follow gradients.")
    case .schedule: .init(absent: "as in train", "How the learning rate changes.")
    case .clipNorm: .init(absent: "as in train", "The largest norm of a step's gradient.")
    case .earlyStopping: .init(absent: "as in train", "When the stage ends before its last epoch.")
    case .monitor:
      .init(absent: "as in train", "The figure that chooses the best epoch of the stage.")
    }
  }
}

extension EarlyStopping: DescribedNode {
  package static let summary = "Ends training when the monitored figure has stopped improving."

  package static func describe(_ key: CodingKeys) -> KeyDescription<EarlyStopping> {
    switch key {
    case .patience: .init(unit: "epochs", "How many epochs in a row may bring no improvement.")
    case .minimumDelta:
      .init(\.minimumDelta, "By how much the figure must get better to count, in its unit.")
    case .mode: .init(absent: "as the figure has it", "Which direction is better.")
    }
  }
}
