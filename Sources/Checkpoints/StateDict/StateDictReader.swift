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
    architecture: String?, classes: Int?, inputShape: Shape?, imageShape: Shape?
  ) throws(CheckpointError) -> Checkpoint {
    let path = file.path
    guard let architecture else {
      throw .architectureNeeded(file: path, known: Architecture.all.map(\.name))
    }
    let known: Architecture
    do throws(NetworkError) { known = try Architecture.named(architecture) } catch {
      throw .network(file: path, error)
    }
    let objects = try objects()
    var tensors: [String: Tensor<Float>] = [:]
    for (name, object) in objects { tensors[name] = try file.tensor(object) }
    let published = try withChannels(known.inputShape, of: known, tensors)
    guard inputShape == nil, let imageShape else {
      return try read(known, classes, inputShape ?? published, tensors, objects)
    }
    // Parameters that do not depend on the size fit any; others may still fit the published one.
    let shape = try withChannels(imageShape, of: known, tensors)
    do throws(CheckpointError) {
      return try read(known, classes, shape, tensors, objects)
    } catch {
      guard case .imageSize = error, shape != published,
        let checkpoint = try? read(known, classes, published, tensors, objects)
      else { throw error }
      return checkpoint
    }
  }

  /// A shape with as many channels as the file's first convolution takes.
  private func withChannels(
    _ shape: Shape, of architecture: Architecture, _ tensors: [String: Tensor<Float>]
  ) throws(CheckpointError) -> Shape {
    let usual: Network
    do throws(NetworkError) { usual = try architecture.network(classes: 10) } catch {
      throw .network(file: file.path, error)
    }
    let first = usual.nodes.first { !$0.layer.parameters.isEmpty }
    guard let first, let convolution = first.layer as? ConvolutionLayer,
      let weight = tensors["\(first.name).weight"], weight.shape.rank == 4, shape.rank == 3
    else { return shape }
    let channels = weight.shape[1] * convolution.groups
    guard (1...Plausibility.largestExtent).contains(channels) else { return shape }
    return [shape[0], shape[1], channels]
  }

  /// Reads the parameters of an architecture for images of a shape.
  private func read(
    _ architecture: Architecture, _ classes: Int?, _ inputShape: Shape,
    _ tensors: [String: Tensor<Float>], _ objects: [String: String]
  ) throws(CheckpointError) -> Checkpoint {
    let path = file.path
    var network: Network
    do {
      network = try architecture.network(classes: 10, inputShape: inputShape)
      let last = network.nodes.last { $0.layer is LinearLayer }
      let found = last.flatMap { tensors["\($0.name).weight"] }
        .flatMap { $0.shape.rank == 2 ? $0.shape[0] : nil }
      if let classes = classes ?? found {
        guard (1...Plausibility.largestExtent).contains(classes) else {
          throw CheckpointError.description(
            file: path, object: "/", reason: "\(classes) classes, expected at least 1")
        }
        network = try architecture.network(classes: classes, inputShape: inputShape)
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
        reason: "\(node) of \(architecture.name) mixes flattened images, whose order cannot be "
          + "converted")
    }
    let converted: [String: Tensor<Float>]
    do throws(CheckpointError) { converted = try convert(tensors, objects, mapping) } catch {
      throw StateDictReader.explained(error, architecture, inputShape, network, objects)
    }
    do {
      try network.setParameters(converted)
    } catch {
      throw .network(file: path, error)
    }
    return Checkpoint(network: network)
  }

  /// An error of a shape with what it has to do with the size of images, if anything.
  private static func explained(
    _ error: CheckpointError, _ architecture: Architecture, _ inputShape: Shape,
    _ network: Network, _ objects: [String: String]
  ) -> CheckpointError {
    guard case .shape(let file, let object, let expected, let found) = error, found.count == 2,
      expected.count == 2, expected[0] == found[0],
      let name = objects.first(where: { "/\($0.value)" == object })?.key, name.hasSuffix(".weight"),
      network.node(named: String(name.dropLast(".weight".count)))?.layer is LinearLayer
    else { return error }
    return .imageSize(
      file: file, object: object, expected: expected, found: found,
      architecture: architecture.name, images: inputShape)
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
