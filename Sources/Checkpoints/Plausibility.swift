internal import Networks
internal import Tensors

/// Refuses networks whose numbers no real network has, before anything is computed from them.
///
/// A file may claim anything: an extent of −6 or 2⁶² would not be an error further down but the
/// end of the program.
enum Plausibility {
  /// What cannot be.
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// The largest extent of an axis, number of channels or of features.
  static let largestExtent = 1 << 26
  /// The largest size, stride, padding or dilation of a window.
  static let largestWindow = 4096
  /// The largest height or width an image may be brought to.
  static let largestImageSide = 1 << 16
  /// The most elements a value or parameter may have for one sample.
  static let mostElements = 1 << 30

  private static let windowKeys: Set<String> = ["kernel", "stride", "dilation"]
  private static let signedKeys: Set<String> = ["axis"]

  /// Checks the whole numbers in a graph's JSON.
  ///
  /// - Throws: ``Failure``, or ``JSONParser/Failure`` if it is not JSON.
  static func checkNumbers(of text: String) throws {
    try checkNumbers(try JSONParser.parse(text), key: "", isWindow: false, depth: 0)
  }

  private static func checkNumbers(
    _ value: JSONValue, key: String, isWindow: Bool, depth: Int
  ) throws {
    switch value {
    case .object(let members):
      for (key, member) in members {
        try checkNumbers(
          member, key: key, isWindow: isWindow || windowKeys.contains(key), depth: depth + 1)
      }
    case .array(let elements):
      for element in elements {
        try checkNumbers(element, key: key, isWindow: isWindow, depth: depth + 1)
      }
    case .integer(let number):
      let limit = isWindow ? largestWindow : largestExtent
      // Constants of layers such as a pad's value, and seeds, are numbers of their own kind.
      guard !["value", "shift", "scale", "slope", "alpha", "seed"].contains(key) else { return }
      let least = signedKeys.contains(key) ? -limit : isWindow ? 1 : 0
      guard number >= least, number <= limit else {
        throw Failure(description: "\(key) is \(number), expected \(least) to \(limit)")
      }
    default: return
    }
  }

  /// Checks the size of every value and parameter, one node after the other.
  ///
  /// What is wrong with names and shapes is left for ``Network`` to say.
  ///
  /// - Throws: ``Failure``.
  static func checkShapes(inputs: [Network.Input], nodes: [Node]) throws(Failure) {
    var shapes: [String: Shape] = [:]
    for input in inputs {
      try check(input.shape, "input \(input.name)")
      shapes[input.name] = input.shape
    }
    for node in nodes {
      let shape = try outputShape(of: node, inputs: node.inputs.compactMap { shapes[$0] })
      guard let shape else { return }
      shapes[node.name] = shape
    }
  }

  /// The shape of one node's value; `nil` if ``Network`` will refuse the node.
  ///
  /// - Throws: ``Failure`` if a shape is not plausible.
  static func outputShape(of node: Node, inputs: [Shape]) throws(Failure) -> Shape? {
    guard inputs.count == node.inputs.count, node.layer.inputCount.contains(inputs.count) else {
      return nil
    }
    for parameter in node.layer.parameters {
      try check(parameter.shape, "parameter \(node.name).\(parameter.name)")
    }
    guard inputs.reduce(0, { $0 + $1.elementCount }) <= mostElements else {
      throw Failure(description: "the inputs of \(node.name) have over \(mostElements) elements")
    }
    if let layer = node.layer as? TransposedConvolutionLayer, let input = inputs.first {
      let padding = [
        layer.padding.top, layer.padding.bottom, layer.padding.left, layer.padding.right,
      ]
      guard input.dimensions.prefix(2).allSatisfy({ $0 <= 1 << 16 }),
        padding.allSatisfy({ $0 <= largestExtent })
      else { throw Failure(description: "\(node.name) takes an image of \(input)") }
    }
    guard let shape = try? node.layer.outputShape(inputs) else { return nil }
    try check(shape, "the value of \(node.name)")
    return shape
  }

  /// Checks one shape.
  static func check(_ shape: Shape, _ what: String) throws(Failure) {
    var count = 1
    for extent in shape.dimensions {
      guard extent >= 1, extent <= largestExtent else {
        throw Failure(description: "\(what) has shape \(shape)")
      }
      count *= extent
      guard count <= mostElements else {
        throw Failure(description: "\(what) has shape \(shape), over \(mostElements) elements")
      }
    }
  }
}
