internal import HDF5
internal import Networks
internal import Suggestions
internal import Tensors

/// Finds and reads the weights of Keras layers in a file, and notes what was used.
struct KerasWeights: ~Copyable {
  /// How the weights are named.
  enum Naming {
    /// A group for each layer with an attribute `weight_names`, below this path.
    case listed(root: String)
    /// Groups named after classes, with numbered datasets in `vars`: Keras 3.
    case numbered
  }

  private let naming: Naming
  private let paths: Set<String>
  /// The layers whose weights lie in the group of a layer of the whole model, by that layer's name.
  private let layers: [String: Set<[KerasTranslator.Place]>]
  private var used: Set<String> = []
  private var listedNames: [String: [String]] = [:]
  private var owners: [String: Set<[KerasTranslator.Place]>] = [:]
  private var numberedGroups: [[KerasTranslator.Place]: String] = [:]

  /// Looks for the weights of layers, which are given by their places.
  init(
    _ file: borrowing HDF5File, naming: Naming, layers: [[KerasTranslator.Place]]
  ) throws(CheckpointError) {
    self.naming = naming
    self.layers = Dictionary(grouping: Set(layers)) { $0.first?.name ?? "" }.mapValues(Set.init)
    paths = try storing { () throws(HDF5Error) in Set(try file.datasetPaths()) }
  }

  /// Whether a file has the numbered datasets of Keras 3.
  static func isNumbered(_ paths: [String]) -> Bool {
    paths.contains { path in
      let parts = path.split(separator: "/")
      return parts.count >= 4 && containers.contains(String(parts[0]))
        && parts[parts.count - 2] == "vars" && Int(parts[parts.count - 1]) != nil
    }
  }

  /// What holds a model's layers: first what Keras 3 calls it, then what TensorFlow 2.12 did.
  private static let containers = ["layers", "_layer_checkpoint_dependencies"]

  /// Reads the parameter of an assignment.
  mutating func tensor(
    for assignment: KerasTranslator.Assignment, in file: borrowing HDF5File
  ) throws(CheckpointError) -> Tensor<Float> {
    let weight = assignment.weight
    let (path, others) = try find(assignment, in: file)
    guard let path else {
      let name = weight.names.first ?? weight.parameter
      let layer = assignment.places.map(\.name).joined(separator: "/")
      throw .missingParameters(
        file: file.path,
        [.init("\(layer)/\(name)", nearest: NearestName.of("\(layer)/\(name)", among: others))])
    }
    used.insert(path)
    let tensor = try file.tensor(path, orWhole: weight.isWhole)
    guard tensor.shape == weight.fileShape else {
      throw .shape(
        file: file.path, object: "/\(path)", expected: weight.fileShape.dimensions,
        found: tensor.shape.dimensions)
    }
    return tensor.reshaped(to: assignment.shape)
  }

  /// The path of an assignment's dataset, if there is one, and the paths it may have been.
  private mutating func find(
    _ assignment: KerasTranslator.Assignment, in file: borrowing HDF5File
  ) throws(CheckpointError) -> (path: String?, others: [String]) {
    switch naming {
    case .listed(let root):
      guard let top = assignment.places.first else { return (nil, []) }
      let group = root + top.name
      let names = try names(in: group, of: file)
      let found = names.filter { name in
        let parts = name.split(separator: "/").map(String.init)
        // A trailing `:0` numbers TensorFlow's outputs.
        let last = parts.last.map { String($0.prefix { $0 != ":" }) } ?? ""
        guard assignment.weight.isNamed(last) else { return false }
        return assignment.places.count == 1
          || owners(of: parts.dropLast().joined(separator: "/"), in: top.name)
            .contains(assignment.places)
      }
      guard found.count <= 1 else {
        throw .description(
          file: file.path, object: "/\(group)",
          reason: "\(found.count) weights of '\(assignment.places.last?.name ?? top.name)' are "
            + "called '\(assignment.weight.names[0])'")
      }
      return (found.first.map { "\(group)/\($0)" }, names)
    case .numbered:
      guard let group = try numberedGroup(assignment.places, in: file) else {
        return (nil, [])
      }
      let path = "\(group)/vars/\(assignment.index)"
      return (paths.contains(path) ? path : nil, [])
    }
  }

  /// The layers of a nested model that a weight may belong to by the path before its name: those of
  /// whose own path the longest end is also the end of that path.
  ///
  /// `block1/conv/kernel` is a weight of the layer `block1/conv`, or of `conv` in a model `block1`,
  /// and of a layer `conv` only where there is neither.
  private mutating func owners(
    of path: String, in top: String
  ) -> Set<[KerasTranslator.Place]> {
    let key = "\(top)/\(path)"
    if let known = owners[key] { return known }
    var found: Set<[KerasTranslator.Place]> = []
    var longest = 0
    for layer in layers[top] ?? [] {
      let length = KerasWeights.commonEnd(of: path, and: layer.map(\.name))
      if length > longest { found = [] }
      longest = max(longest, length)
      if length == longest, length > 0 { found.insert(layer) }
    }
    owners[key] = found
    return found
  }

  /// The length of the longest run of a layer's last names, itself the last, that ends a path.
  private static func commonEnd(of path: String, and names: [String]) -> Int {
    var longest = 0
    for first in names.indices {
      let end = names[first...].joined(separator: "/")
      if path == end || path.hasSuffix("/" + end) { longest = max(longest, end.utf8.count) }
    }
    return longest
  }

  /// The names of the weights in a group, none if there is no such group.
  private mutating func names(
    in group: String, of file: borrowing HDF5File
  ) throws(CheckpointError) -> [String] {
    if let known = listedNames[group] { return known }
    let names = try storing { () throws(HDF5Error) in
      try file.contains(group)
        ? try file.group(group).splitStrings(attribute: "weight_names") : []
    }
    listedNames[group] = names
    return names
  }

  /// The group of a layer in the numbered naming.
  ///
  /// Later versions of Keras note each layer's own name; it is trusted before the number.
  private mutating func numberedGroup(
    _ places: [KerasTranslator.Place], in file: borrowing HDF5File
  ) throws(CheckpointError) -> String? {
    if let known = numberedGroups[places] { return known }
    guard let place = places.last else { return "" }
    guard let parent = try numberedGroup(Array(places.dropLast()), in: file) else { return nil }
    for container in KerasWeights.containers {
      let base = parent.isEmpty ? container : "\(parent)/\(container)"
      let found = try storing { () throws(HDF5Error) -> String? in
        guard try file.contains(base) else { return nil }
        var byNumber: String?
        for link in try file.group(base).links() where link.kind == .group {
          let vars = "\(base)/\(link.name)/vars"
          if try file.contains(vars), try file.group(vars).hasAttribute("name") {
            if try file.group(vars).string(attribute: "name") == place.name {
              return "\(base)/\(link.name)"
            }
          } else if link.name == place.numberedClass {
            byNumber = "\(base)/\(link.name)"
          }
        }
        return byNumber
      }
      if let found {
        numberedGroups[places] = found
        return found
      }
    }
    return nil
  }

  /// Refuses a file that holds weights no layer has taken.
  func requireAllUsed(in file: borrowing HDF5File) throws(CheckpointError) {
    let left = paths.subtracting(used).filter { path in
      let parts = path.split(separator: "/")
      switch naming {
      case .listed(let root):
        return path.hasPrefix(root) && !path.hasPrefix("optimizer_weights/")
      case .numbered:
        // Optimisers, metrics and random generators are no part of the network.
        return KerasWeights.containers.contains(String(parts[0]))
          && !parts.contains("seed_generator") && parts[parts.count - 2] == "vars"
      }
    }
    guard left.isEmpty else {
      throw .unexpectedParameters(file: file.path, .all(left.sorted(), among: []))
    }
  }
}
