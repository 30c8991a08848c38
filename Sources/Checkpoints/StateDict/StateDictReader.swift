internal import Files
internal import HDF5
internal import Networks
internal import Tensors

/// Reads a PyTorch `state_dict`: one dataset for each tensor, the dots of its name as groups or
/// as they are.
struct StateDictReader: ~Copyable {
  private let file: HDF5File

  init(_ file: consuming HDF5File) { self.file = file }

  /// The last parts of the names a module gives its parameters.
  private static let endings: Set<String> = [
    "weight", "bias", "running_mean", "running_var", "relative_position_bias_table",
  ]

  /// What PyTorch's modules keep and nothing here needs: counters of batch norms, and the indices
  /// of positions, which follow from the window.
  private static let ignoredEndings: Set<String> = [
    "num_batches_tracked", "relative_position_index",
  ]

  /// What wrapping modules and training scripts put before all names.
  private static let wrappers: Set<String> = ["module", "model", "state_dict"]

  /// Whether the datasets of a file are named as a state dictionary's.
  static func recognises(_ paths: [String]) -> Bool {
    let parameters = paths.filter { !ignoredEndings.contains(ending(of: $0)) }
    return !parameters.isEmpty && parameters.allSatisfy { endings.contains(ending(of: $0)) }
  }

  private static func ending(of path: String) -> String {
    path.split(whereSeparator: { $0 == "/" || $0 == "." }).last.map(String.init) ?? ""
  }

  /// Reads the parameters of an architecture.
  consuming func read(
    architecture: String?, classes: Int?, inputShape: Shape?
  ) throws(CheckpointError) -> Checkpoint {
    let path = file.path
    guard let architecture else {
      throw .architectureNeeded(file: path, known: Architecture.all.map(\.name))
    }
    let objects = try objects()
    var tensors: [String: Tensor<Float>] = [:]
    for (name, object) in objects { tensors[name] = try file.tensor(object) }
    var network: Network
    do {
      let known = try Architecture.named(architecture)
      network = try known.network(classes: 10, inputShape: inputShape)
      let last = network.nodes.last { $0.layer is LinearLayer }
      let found = last.flatMap { tensors["\($0.name).weight"] }
        .flatMap { $0.shape.rank == 2 ? $0.shape[0] : nil }
      if let classes = classes ?? found {
        guard (1...Plausibility.largestExtent).contains(classes) else {
          throw CheckpointError.description(
            file: path, object: "/", reason: "\(classes) classes, expected at least 1")
        }
        network = try known.network(classes: classes, inputShape: inputShape)
      }
    } catch let error as NetworkError {
      throw .network(file: path, error)
    } catch let error as CheckpointError {
      throw error
    } catch {
      throw .description(file: path, object: "/", reason: DecodingFlaw.words(error))
    }
    let mapping = StateDictMapping(network)
    if let node = mapping.unsupported.first {
      throw .description(
        file: path, object: "/",
        reason: "\(node) of \(architecture) mixes flattened images, whose order cannot be converted"
      )
    }
    let converted = try convert(tensors, objects, mapping)
    do {
      try network.setParameters(converted)
    } catch {
      throw .network(file: path, error)
    }
    return Checkpoint(network: network)
  }

  /// The datasets of the parameters by the parameters' names.
  private func objects() throws(CheckpointError) -> [String: String] {
    let paths = try storing { () throws(HDF5Error) in try file.datasetPaths() }
    var names = paths.filter {
      !StateDictReader.ignoredEndings.contains(StateDictReader.ending(of: $0))
    }
    .map { (name: $0.split(separator: "/").joined(separator: "."), object: $0) }
    while let wrapper = names.first?.name.prefix(while: { $0 != "." }),
      StateDictReader.wrappers.contains(String(wrapper)),
      names.allSatisfy({ $0.name.hasPrefix(wrapper + ".") })
    {
      names = names.map { (String($0.name.dropFirst(wrapper.count + 1)), $0.object) }
    }
    var objects: [String: String] = [:]
    for (name, object) in names {
      if let other = objects.updateValue(object, forKey: name) {
        throw .description(
          file: file.path, object: "/\(object)", reason: "'\(other)' has the same name, \(name)")
      }
    }
    return objects
  }

  private func convert(
    _ tensors: [String: Tensor<Float>], _ objects: [String: String], _ mapping: StateDictMapping
  ) throws(CheckpointError) -> [String: Tensor<Float>] {
    let left = tensors.keys.filter { mapping.conversions[$0] == nil }.sorted()
    let missing = mapping.conversions.keys.filter { tensors[$0] == nil }.sorted()
    guard missing.isEmpty else {
      throw .missingParameters(file: file.path, .all(missing, among: left))
    }
    guard left.isEmpty else {
      throw .unexpectedParameters(
        file: file.path, .all(left, among: mapping.conversions.keys.sorted()))
    }
    var result: [String: Tensor<Float>] = [:]
    for (name, conversion) in mapping.conversions.sorted(by: { $0.key < $1.key }) {
      guard let tensor = tensors[name] else { continue }
      guard tensor.shape == conversion.fileShape else {
        throw .shape(
          file: file.path, object: "/\(objects[name] ?? name)",
          expected: conversion.fileShape.dimensions, found: tensor.shape.dimensions)
      }
      result[name] = conversion.fromFile(tensor)
    }
    return result
  }
}
