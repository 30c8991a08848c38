public import Networks
public import Tensors

/// A network with its parameters and what belongs to them, as one file.
///
/// ``read(_:architecture:classes:inputShape:configuration:)`` takes the project's own files, Keras
/// models and PyTorch state dictionaries in HDF5; ``write(to:)`` writes the project's own.
/// Reading executes nothing that is in a file.
public struct Checkpoint: Sendable {
  /// The network, its parameters set.
  public var network: Network

  /// What turns pixels from 0 to 255 into the network's input, if it is known.
  public var inputTransform: InputTransform?

  /// Way in which images of other sizes are brought to that of the network's input, if known.
  public var imageSizing: ImageSizing?

  /// The names of the classes in the order of the logits, if they are known.
  public var classNames: [String]?

  /// Where the parameters come from, if it is known.
  public var provenance: Provenance?

  /// Further tensors by path, such as the state of an optimiser.
  public var tensors: [String: Tensor<Float>]

  /// Further texts by name, such as the state of a training run as JSON.
  public var documents: [String: String]

  /// Further bytes by name, such as the calibrated tables of a codec.
  ///
  /// Files that have any are of version 2 of the layout.
  public var files: [String: [UInt8]]

  /// Creates a checkpoint.
  public init(
    network: Network, inputTransform: InputTransform? = nil, imageSizing: ImageSizing? = nil,
    classNames: [String]? = nil,
    provenance: Provenance? = nil, tensors: [String: Tensor<Float>] = [:],
    documents: [String: String] = [:], files: [String: [UInt8]] = [:]
  ) {
    self.network = network
    self.inputTransform = inputTransform
    self.imageSizing = imageSizing
    self.classNames = classNames
    self.provenance = provenance
    self.tensors = tensors
    self.documents = documents
    self.files = files
  }
}

extension Checkpoint: Equatable {
  /// Whether everything is equal, all parameters included.
  public static func == (left: Checkpoint, right: Checkpoint) -> Bool {
    left.network == right.network && left.inputTransform == right.inputTransform
      && left.imageSizing == right.imageSizing
      && left.classNames == right.classNames && left.provenance == right.provenance
      && left.tensors == right.tensors && left.documents == right.documents
  }
}
