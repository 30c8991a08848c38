public import Datasets
package import Networks
public import Splitting
public import Tensors

/// Why a network and a data set do not go together.
public enum SetupError: Error, Equatable, CustomStringConvertible {
  /// A network that is split needs a cut.
  case cutNeeded
  /// The tail is served, and what is to be done needs its layers.
  case tailIsServed(TailAddress)
  /// The tail is served, and this build of the toolkit cannot reach it.
  case noConnector(TailAddress)
  /// What a method trained answers through a tail it does not own.
  case tailNeeded(method: String)
  /// The network takes other images than the data set has.
  case imageShape(network: String, expected: Shape, found: Shape)
  /// The data set has classes the network cannot predict.
  case classes(ClassMismatch)
  /// A network that reads characters knows others, or in another order, than a text has.
  case characters(network: String, dataset: String)
  /// A network has fewer outputs than names of classes.
  case classNames(network: String, outputs: Int, names: Int)
  /// The network's first output is not logits.
  case notAClassifier(network: String, output: Shape)
  /// A setting cannot be combined with another.
  case contradiction(String)

  /// What is wrong and what was expected.
  public var description: String {
    switch self {
    case .cutNeeded:
      "the recipe's network needs a cut: give network.cut (`cleave inspect` lists the valid ones), "
        + "or network.head and network.tail"
    case .tailIsServed(let address):
      "the tail at \(address) is closed: it answers, and shows none of its layers, which this "
        + "needs; give the file of a tail, or use a method that keeps to a closed tail, such as salt"
    case .noConnector(let address):
      "this build cannot reach the tail at \(address): build it with "
        + "`swift build -c release --traits GRPC`"
    case .tailNeeded(let method):
      "\(method) does not own the server's part and does not say how it is reached, so that it "
        + "cannot be measured as a system"
    case .imageShape(let network, let expected, let found):
      "\(network) takes images of \(expected), the data set has \(found): "
        + SetupError.remedy(ImageMismatch(expected: expected, found: found))
    case .classes(let mismatch) where mismatch.expected.count == 1 && mismatch.found.count == 2:
      "\(mismatch.expected.owner) gives a single number, \(mismatch.found.owner) has 2 classes; if it "
        + "is the logit of the second of them, say so: network.outputs.meaning: logits"
    case .classes(let mismatch)
    where mismatch.unknown.isEmpty && mismatch.expected.names == nil:
      "\(mismatch): which they are is not known by their numbers; say what the outputs are called, as "
        + "network.class_names in a recipe, or data.class_names in the order of the outputs"
    case .classes(let mismatch) where mismatch.unknown.isEmpty: "\(mismatch)"
    case .classes(let mismatch):
      "\(mismatch); if the network's outputs have other names, give them as network.class_names"
    case .characters(let network, let dataset):
      "\(network) reads other characters, or numbers them otherwise, than \(dataset) has"
    case .classNames(let network, let outputs, let names):
      "\(network) has \(names) names of classes for \(outputs) outputs"
    case .notAClassifier(let network, let output):
      "\(network) gives \(output), expected the logits of classes"
    case .contradiction(let text): text
    }
  }

  /// The extents that differ, and what would bring them together.
  private static func remedy(_ mismatch: ImageMismatch) -> String {
    var remedies: [String] = []
    if mismatch.differsInSize {
      remedies.append("data.size brings image files to a size")
      remedies.append("network.adapt_size: true lets layers that allow it take any")
    }
    remedies += mismatch.settings(takesSize: false).map {
      "\($0.replacing("=", with: ": ")) brings them to the channels"
    }
    return mismatch.differences
      + (remedies.isEmpty ? "" : " (\(remedies.joined(separator: "; ")))")
  }

  /// Checks that a network takes the images of a data set and tells its classes.
  ///
  /// - Returns: how the data set's classes are matched to the network's.
  package static func check(
    _ network: Network, of name: String, classNames: [String]?, _ dataset: ImageDataset
  ) throws -> ClassMatching {
    try checkInput(network, of: name, dataset.imageShape)
    try checkOutput(network, of: name, rank: 1)
    return try checkClasses(
      of: dataset,
      are: try classList(names: classNames, owner: name, outputs: network.outputShape[-1]))
  }

  @discardableResult static func checkClasses(
    of dataset: ImageDataset, are classes: ClassList
  ) throws -> ClassMatching {
    do throws(DatasetError) { return try dataset.matching(to: classes) } catch {
      guard case .classes(let mismatch) = error else { throw error }
      throw SetupError.classes(mismatch)
    }
  }

  /// The classes of a network's outputs.
  package static func classList(
    names: [String]?, owner: String, outputs: Int
  ) throws(SetupError) -> ClassList {
    if let names, names.count > outputs {
      throw .classNames(network: owner, outputs: outputs, names: names.count)
    }
    return ClassList(owner: owner, names: names, count: outputs)
  }

  static func checkInput(
    _ network: Network, of name: String, _ imageShape: Shape
  ) throws(SetupError) {
    let expected = network.inputs.first?.shape ?? []
    guard expected == imageShape else {
      throw .imageShape(network: name, expected: expected, found: imageShape)
    }
  }

  static func checkOutput(
    _ network: Network, of name: String, rank: Int
  ) throws(SetupError) {
    guard network.outputShape.rank == rank else {
      throw .notAClassifier(network: name, output: network.outputShape)
    }
  }
}
