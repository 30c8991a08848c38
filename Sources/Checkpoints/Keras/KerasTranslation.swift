internal import Tensors

/// How one class of layers, or one operation, is expressed, and which of its settings are honoured.
///
/// A file may set anything. What is neither honoured here nor without effect on inference is
/// refused by name, so that no setting is dropped.
struct KerasTranslation: Sendable {
  /// Makes the parts from a configuration and the shapes of the values that are read.
  typealias Make =
    @Sendable (KerasConfiguration, [Shape]) throws(CheckpointError) -> [KerasPart]

  /// What `training=True` in a call does to a layer.
  enum Training: Sendable {
    /// Nothing.
    case without
    /// It draws random numbers.
    case random
    /// It draws random numbers, and Keras 3 notes the argument's default, true, in every call that
    /// a prediction overrides.
    case augmentation
    /// It normalizes by the batch, unless its parameters are frozen.
    case batchStatistics
  }

  /// The settings that the translation takes account of; nil if none affects inference.
  let keys: Set<String>?
  /// Settings that are not supported, with the value under which they do nothing.
  let fixed: [String: JSONValue]
  /// What positional arguments of a call are called.
  let parameters: [String]
  let training: Training
  let make: Make

  /// A class of layers.
  init(
    _ keys: String..., fixed: [String: JSONValue] = [:], training: Training = .without,
    make: @escaping Make
  ) {
    self.keys = Set(keys)
    self.fixed = fixed
    self.training = training
    self.make = make
    parameters = KerasTranslation.layerParameters
  }

  /// A class of layers that has settings for training only.
  init(inferenceOf training: Training, make: @escaping Make) {
    keys = nil
    fixed = [:]
    self.training = training
    self.make = make
    parameters = KerasTranslation.layerParameters
  }

  /// An operation, whose arguments are settings and values alike.
  init(
    operation parameters: [String], keys: Set<String> = [], fixed: [String: JSONValue] = [:],
    make: @escaping Make
  ) {
    self.keys = keys.union(parameters)
    self.fixed = fixed
    self.parameters = parameters
    training = .without
    self.make = make
  }

  /// The arguments of a layer's call.
  static let layerParameters = ["inputs", "training", "mask"]

  /// Settings of any layer that change nothing about what it computes in inference.
  private static let immaterial: Set<String> = [
    "autocast", "batch_input_shape", "batch_shape", "dtype", "input_dtype", "name", "optional",
    "seed", "synchronized", "trainable",
  ]

  /// What only says how a layer begins or is trained.
  private static let trainingEndings = ["_initializer", "_regularizer", "_constraint"]

  /// Refuses every setting that would be dropped.
  func check(_ layer: KerasConfiguration) throws(CheckpointError) {
    try layer.requireSinglePrecision()
    guard let keys, case .object(let members) = layer.values else { return }
    for (key, value) in members.sorted(by: { $0.key < $1.key }) where value != .null {
      guard !keys.contains(key), !KerasTranslation.immaterial.contains(key),
        !KerasTranslation.trainingEndings.contains(where: { key.hasSuffix($0) })
      else { continue }
      if let only = fixed[key] {
        guard value.equals(only) else {
          throw layer.failure(
            "has \(key) \(value.words), which is not supported, expected \(only.words)")
        }
      } else if key == "data_format" {
        try layer.requireChannelsLast()
      } else {
        throw layer.failure("has \(key) \(value.words), which is not supported")
      }
    }
  }
}

extension KerasTranslation {
  /// Refuses `training=True` where it changes predictions.
  func checkTraining(_ layer: KerasConfiguration) throws(CheckpointError) {
    switch training {
    case .without: return
    case .augmentation where layer.version ?? 3 >= 3: return
    case .random, .augmentation:
      throw layer.failure(
        "is called with training=True and would draw random numbers in inference, which is not "
          + "supported: call it without and save the model again")
    case .batchStatistics:
      // Keras uses the stored statistics of a frozen layer in any case.
      guard layer["trainable"]?.bool != false else { return }
      throw layer.failure(
        "is called with training=True and would normalize by the statistics of each batch, which "
          + "is not supported: call it without and save the model again")
    }
  }
}

extension JSONValue {
  /// Whether two values are the same, numbers by what they are and not by how they are written.
  func equals(_ other: JSONValue) -> Bool {
    if let number, let other = other.number { return number == other }
    return self == other
  }
}
