public import HDF5
public import Networks
internal import Suggestions
public import Tensors

/// Why a checkpoint cannot be read or written.
public enum CheckpointError: Error, Equatable, Sendable {
  /// The file, or something in it, cannot be read or written as HDF5.
  case storage(HDF5Error)
  /// What the file describes is not a network.
  case network(file: String, NetworkError)
  /// The file is something else; `message` says what, and what makes a checkpoint of it.
  case foreign(file: String, message: String)
  /// The file is HDF5, but none of the known layouts; `found` are names at its root.
  case unknownLayout(file: String, found: [String])
  /// The file is of a later version of the layout.
  case newerVersion(file: String, found: Int, supported: Int)
  /// The file holds parameters only; its architecture must be named.
  case architectureNeeded(file: String, known: [String])
  /// The file holds Keras weights only; its model's JSON was at none of the places looked at.
  case configurationNeeded(file: String, searched: [String])
  /// The content is not what was written.
  case damaged(file: String, object: String, reason: String)
  /// Parameters the network needs are not in the file; with the most similar name that is.
  case missingParameters(file: String, [NamedParameter])
  /// The file holds what the network has no place for; with the most similar name it has.
  case unexpectedParameters(file: String, [NamedParameter])
  /// A tensor has another shape than the network needs, both as the file lays tensors out.
  case shape(file: String, object: String, expected: [Int], found: [Int])
  /// Elements are of another type than they have to be.
  case elementType(file: String, object: String, expected: String, found: String)
  /// Parameters hold NaNs or infinities.
  case notFinite(file: String, [OddParameter])
  /// A linear layer of a state dictionary takes another number of features than its architecture
  /// has for images of a shape; shapes as the file lays tensors out.
  case imageSize(
    file: String, object: String, expected: [Int], found: [Int], architecture: String,
    images: Shape)
  /// A description in the file, or in the JSON beside it, is not as it has to be.
  case description(file: String, object: String, reason: String)
  /// A Keras layer cannot be expressed; `nearest` is a known class of a similar name.
  case layer(file: String, name: String, className: String, reason: String, nearest: String? = nil)
  /// A layer of a Keras model is an operation that cannot be expressed, or not as it is called.
  case operation(file: String, layer: String, name: String, reason: String)
  /// The checkpoint cannot be written in the layout asked for.
  case unwritable(file: String, object: String, reason: String)

  /// A parameter of which some values are not finite.
  public struct OddParameter: Hashable, Sendable {
    /// The path.
    public let name: String
    /// How many of its values are not finite.
    public let count: Int
    /// How many it has.
    public let total: Int

    init(name: String, count: Int, of total: Int) {
      self.name = name
      self.count = count
      self.total = total
    }
  }

  /// A parameter's name and a similar one on the other side.
  public struct NamedParameter: Hashable, Sendable {
    /// The name as the file's layout has it.
    public let name: String
    /// The most similar name of those left over on the other side.
    public let nearest: String?

    /// Creates a name.
    public init(_ name: String, nearest: String?) {
      self.name = name
      self.nearest = nearest
    }

    /// The names, each with the most similar one of others.
    static func all(_ names: [String], among others: [String]) -> [NamedParameter] {
      // A suggestion for each of thousands of names would take long and help nobody.
      names.enumerated().map { index, name in
        NamedParameter(
          name, nearest: index < shownNames ? NearestName.of(name, among: others) : nil)
      }
    }
  }
}

/// How many names a message lists.
private let shownNames = 5

extension CheckpointError: CustomStringConvertible {
  /// What is wrong, where, what was expected and found, and the nearest valid name, in one line.
  public var description: String {
    switch self {
    case .storage(let error): "\(error)"
    case .network(let file, let error): "\(file): \(error)"
    case .foreign(_, let message): message
    case .unknownLayout(let file, let found):
      "\(file): no checkpoint layout this toolkit knows; at its root are "
        + (found.isEmpty ? "no objects" : list(found))
    case .newerVersion(let file, let found, let supported):
      "\(file): written in version \(found) of the layout, this toolkit reads up to "
        + "\(supported); update it"
    case .architectureNeeded(let file, let known):
      "\(file): holds parameters by PyTorch's names but no network; name its architecture, one of "
        + known.joined(separator: ", ")
    case .configurationNeeded(let file, let searched):
      "\(file): holds Keras weights but no network; name the JSON of the model's configuration "
        + "(looked for \(searched.joined(separator: ", ")))"
    case .damaged(let file, let object, let reason): "\(file):\(object): damaged: \(reason)"
    case .missingParameters(let file, let names):
      "\(file): \(names.count) parameters are missing: \(list(names))"
    case .unexpectedParameters(let file, let names):
      "\(file): \(names.count) objects belong to no part of the network: \(list(names))"
    case .shape(let file, let object, let expected, let found):
      "\(file):\(object): expected shape \(text(expected)), found \(text(found))"
    case .elementType(let file, let object, let expected, let found):
      "\(file):\(object): expected elements of type \(expected), found \(found)"
    case .notFinite(let file, let parameters):
      "\(file): not finite (NaN or infinite) are "
        + parameters.prefix(shownNames).map { "\($0.count) of \($0.total) values of \($0.name)" }
        .joined(separator: ", ")
        + (parameters.count > shownNames
          ? " and values of \(parameters.count - shownNames) more parameters" : "")
    case .imageSize(let file, let object, let expected, let found, let architecture, let images):
      "\(file):\(object): expected shape \(text(expected)), as \(architecture) has it for images of "
        + "\(images), found \(text(found)); give the images it was trained on as network.input_shape "
        + "(--input-shape HxWxC)"
    case .description(let file, let object, let reason):
      (object.isEmpty ? file : "\(file):\(object)") + ": \(reason)"
    case .layer(let file, let name, let className, let reason, let nearest):
      "\(file): Keras layer '\(name)' (\(className)) \(reason)"
        + (nearest.map { " (did you mean \($0)?)" } ?? "")
    case .operation(let file, let layer, let name, let reason):
      "\(file): the operation '\(name)' of layer '\(layer)' \(reason)"
    case .unwritable(let file, let object, let reason):
      "\(file): \(object) cannot be written: \(reason)"
    }
  }

  private func list(_ names: [String]) -> String {
    names.prefix(shownNames).map { "'\($0)'" }.joined(separator: ", ")
      + (names.count > shownNames ? ", …" : "")
  }

  private func list(_ names: [NamedParameter]) -> String {
    names.prefix(shownNames).map { entry in
      "'\(entry.name)'" + (entry.nearest.map { " (did you mean '\($0)'?)" } ?? "")
    }.joined(separator: ", ") + (names.count > shownNames ? ", …" : "")
  }

  private func text(_ shape: [Int]) -> String {
    shape.isEmpty ? "scalar" : shape.map(String.init).joined(separator: "×")
  }
}
