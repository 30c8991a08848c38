internal import Tensors

/// A network that answers a classification in logits, and the way back to what its file gives.
///
/// Losses and measures are of logits. A softmax or sigmoid at the end of the measured output is
/// therefore taken off, and put back where the network is deployed. Logits are chosen so that their
/// cross-entropy is that of the probabilities: behind a softmax they are its input; behind a sigmoid
/// of several classes the logarithms of its values, whose softmax normalizes them as Keras does; and
/// a single sigmoid's input `x` stands for two classes with logits 0 and `x`.
public struct ClassAnswers: Sendable {
  /// The network, whose first output is the logits of classes; others of the file follow it.
  public let network: Network

  /// The name of the output that is measured, as the file has it.
  public let measured: String

  /// The meaning of that output's numbers in the file.
  public let meaning: OutputMeaning

  /// The outputs in the order of the file.
  public let outputs: [String]

  /// Indicates whether that output is a single number, which tells two classes.
  public let isSingle: Bool

  /// The name of the logits in ``network``.
  private let logits: String

  /// Nodes that make logits of the value in front of the function, and are not in the file.
  private let conversion: [Node]

  /// Nodes of the file from the function on, which ``network`` does without.
  private let ending: [Node]

  /// Least probability whose logarithm is taken in training: Keras's.
  private static let leastProbability = 1e-7

  /// Finds the measured output and turns it into logits.
  ///
  /// - Parameters:
  ///   - network: the network of a file.
  ///   - choice: the output and its meaning, as far as they are given.
  ///   - classCount: the number of classes of the data, by which an output is found.
  /// - Throws: ``OutputError``, or ``NetworkError`` if names of nodes are taken.
  public init(
    of network: Network, _ choice: OutputChoice = OutputChoice(), classCount: Int? = nil
  ) throws {
    let file = try network.separatingFunctions()
    let measured = try ClassAnswers.measured(of: file, choice, classCount)
    let found = file.ending(of: measured)
    guard choice.meaning != .values else { throw OutputError.noClasses(output: measured) }
    let meaning = choice.meaning ?? found.meaning
    // A meaning that the layers do not show is of the values as they are.
    let ending = meaning == found.meaning && meaning != .values ? found.nodes : []
    let source = ending.first?.inputs[0] ?? measured
    let shape = file.shapes[measured] ?? []
    var builder = Conversion(prefix: file.unusedName("\(measured).logits"), value: source)
    if file.shapes[source] != shape { builder.add(ReshapeLayer(shape)) }
    let isSingle = shape.elementCount == 1
    switch meaning {
    case .probabilities where isSingle && choice.meaning != nil:
      throw OutputError.singleProbability(output: measured)
    case .probabilities where ending.isEmpty:
      builder.add(LogarithmLayer(floor: ClassAnswers.leastProbability))
    case .independentProbabilities where ending.isEmpty:
      if isSingle { builder.addComplement() }
      builder.add(LogarithmLayer(floor: ClassAnswers.leastProbability))
    case .independentProbabilities where isSingle: builder.add(PadLayer(before: [1], after: [0]))
    case .independentProbabilities:
      // log σ(x) = −log(1 + e⁻ˣ).
      builder.add(ScaleShiftLayer(scale: -1))
      builder.add(ActivationLayer(.softplus))
      builder.add(ScaleShiftLayer(scale: -1))
    case .logits where isSingle && choice.meaning == .logits:
      builder.add(PadLayer(before: [1], after: [0]))
    case .logits, .probabilities, .values: break
    }
    let logits = builder.value
    let others = file.outputs.filter { $0 != measured && $0 != logits }
    let kept = file.without(ending.map(\.name), butOutputs: others + [logits])
    self.network = try Network(
      name: file.name, inputs: file.inputs, nodes: kept + builder.nodes,
      outputs: [logits] + others, parameters: file.parameters)
    self.measured = measured
    self.meaning = meaning
    self.isSingle = isSingle
    self.logits = logits
    self.ending = ending
    outputs = file.outputs
    conversion = builder.nodes
  }

  /// What a person has to know: which of several outputs is measured, and by what numbers if those of
  /// the file are neither logits nor a distribution.
  public var remarks: [String] {
    var remarks: [String] = []
    if outputs.count > 1 {
      let others = outputs.filter { $0 != measured }.joined(separator: ", ")
      remarks.append(
        "of the outputs of \(network.name), \(measured) is measured (\(meaning.words)), "
          + "\(others) \(outputs.count > 2 ? "are" : "is") kept; network.outputs.measured names "
          + "another")
    }
    guard meaning == .independentProbabilities else { return remarks }
    let isSingle = conversion.contains { $0.layer is PadLayer || $0.layer is ConcatenateLayer }
    remarks.append(
      isSingle
        ? "\(measured) is the probability of the second of two classes, decided at 0.5"
        : "\(measured) gives a probability for each class: losses are of their normalized values")
    return remarks
  }

  /// The output that is asked for, or the first that fits the classes, or the first.
  private static func measured(
    of file: Network, _ choice: OutputChoice, _ classCount: Int?
  ) throws(OutputError) -> String {
    if let name = choice.measured {
      guard file.outputs.contains(name) else {
        throw .unknownOutput(name: name, known: file.outputs)
      }
      return name
    }
    let fitting = file.outputs.first { output in
      guard let classCount, let shape = file.shapes[output], shape.rank == 1 else { return false }
      let meaning = choice.meaning ?? file.ending(of: output).meaning
      return meaning.classCount(ofLength: shape[0]) == classCount
    }
    return fitting ?? file.outputs[0]
  }

  /// A network that was made of ``network``, or the part of one with its logits, with the outputs
  /// of the file: probabilities where the file gives them.
  ///
  /// Outputs that were added, such as exits, follow; a network that does not begin with the logits
  /// stays as it is.
  ///
  /// - Throws: ``NetworkError`` if names of nodes are taken.
  public func restored(in other: Network) throws(NetworkError) -> Network {
    guard other.outputs.first == logits else { return other }
    let left = Set(conversion.map(\.name))
    let kept = outputs.filter { $0 == measured || other.outputs.contains($0) }
    return try Network(
      name: other.name, inputs: other.inputs,
      nodes: nodesWithEnding(of: other).filter { !left.contains($0.name) },
      outputs: kept + other.outputs.dropFirst().filter { !outputs.contains($0) },
      parameters: other.parameters)
  }

  /// The network with two outputs: the logits, and the measured output as the file gives it.
  ///
  /// - Throws: ``NetworkError`` if names of nodes are taken.
  package func withBothForms() throws(NetworkError) -> Network {
    try Network(
      name: network.name, inputs: network.inputs, nodes: nodesWithEnding(of: network),
      outputs: [logits, measured], parameters: network.parameters)
  }

  /// The nodes of a network with its logits, and those of the file that it does without.
  private func nodesWithEnding(of other: Network) -> [Node] {
    // A cut just in front of the function renames what it takes.
    let source = conversion.first.flatMap { other.node(named: $0.name)?.inputs.first } ?? logits
    let there = Set(other.nodes.map(\.name))
    return other.nodes
      + ending.enumerated().filter { !there.contains($1.name) }.map { index, node in
        index == 0 ? Node(node.name, node.layer, inputs: [source]) : node
      }
  }
}

/// Nodes that follow one another.
private struct Conversion {
  let prefix: String
  /// The name of the last value.
  private(set) var value: String
  private(set) var nodes: [Node] = []

  init(prefix: String, value: String) {
    self.prefix = prefix
    self.value = value
  }

  /// Appends a layer that reads the last value, or others.
  mutating func add(_ layer: any Layer, inputs: [String]? = nil) {
    let name = nodes.isEmpty ? prefix : "\(prefix).\(nodes.count)"
    nodes.append(Node(name, layer, inputs: inputs ?? [value]))
    value = name
  }

  /// Makes a probability and that of its contrary, which comes first, of a single one.
  mutating func addComplement() {
    let probability = value
    add(ScaleShiftLayer(scale: -1, shift: 1))
    add(ConcatenateLayer(), inputs: [value, probability])
  }
}

extension Network {
  /// The same function with a sigmoid that is part of an output's last layer as a node of its own.
  func separatingFunctions() throws(NetworkError) -> Network {
    let fused = Set(
      outputs.map { ending(of: $0) }.filter(\.isFused).compactMap(\.nodes.first?.name))
    guard !fused.isEmpty else { return self }
    var parameters = self.parameters
    let separated = nodes.flatMap { node -> [Node] in
      guard fused.contains(node.name), var layer = node.layer as? any ActivatedLayer,
        let activation = layer.activation
      else { return [node] }
      layer.activation = nil
      let before = Node(unusedName("\(node.name).linear"), layer, inputs: node.inputs)
      for (old, new) in zip(node.parameterPaths, before.parameterPaths) {
        parameters[new] = parameters.removeValue(forKey: old)
      }
      return [before, Node(node.name, ActivationLayer(activation), inputs: [before.name])]
    }
    return try Network(
      name: name, inputs: inputs, nodes: separated, outputs: outputs, parameters: parameters)
  }

  /// A name, changed as far as it takes for no value to have it or a name below it.
  fileprivate func unusedName(_ name: String) -> String {
    var name = name
    while shapes.keys.contains(where: { $0 == name || $0.hasPrefix(name + ".") }) { name += "_" }
    return name
  }

  /// The nodes without some that follow one another, as far as nothing else needs their values.
  fileprivate func without(_ chain: [String], butOutputs kept: [String]) -> [Node] {
    var remaining = nodes
    for name in chain.reversed() {
      guard !kept.contains(name), !remaining.contains(where: { $0.inputs.contains(name) })
      else { break }
      remaining.removeAll { $0.name == name }
    }
    return remaining
  }
}
