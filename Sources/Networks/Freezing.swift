/// Which parts of a network stay as they are while the rest is trained.
///
/// A pattern is a path in which `*` stands for any characters: it freezes the nodes and parameters
/// it matches and everything under them, so that `layer1` and `layer1.*` freeze all of layer 1 and
/// `*.bias` all biases. A node whose parameters are all frozen is frozen as a whole: its batch
/// statistics do not move.
public struct Freezing: Hashable, Sendable {
  /// The nodes that behave as in evaluation.
  public let nodes: Set<String>

  /// The parameters no gradient is computed for, statistics included.
  public let parameters: Set<String>

  /// Freezes nothing but statistics, which no gradient ever moves.
  public static func none(_ network: Network) -> Freezing {
    Freezing(nodes: [], network: network, frozen: [])
  }

  /// Freezes everything.
  public static func everything(_ network: Network) -> Freezing {
    Freezing(
      nodes: Set(network.nodes.map(\.name)), network: network,
      frozen: Set(network.parameterPaths))
  }

  /// Applies patterns to a network.
  ///
  /// - Throws: ``NetworkError/patternMatchesNothing(pattern:known:)``.
  public init(_ patterns: [String], of network: Network) throws(NetworkError) {
    var nodes: Set<String> = []
    var frozen: Set<String> = []
    for pattern in patterns {
      let matchedNodes = network.nodes.filter { Freezing.matches(pattern, $0.name) }
      let matchedPaths = network.parameterPaths.filter { Freezing.matches(pattern, $0) }
      guard !matchedNodes.isEmpty || !matchedPaths.isEmpty else {
        throw .patternMatchesNothing(
          pattern: pattern, known: network.nodes.map(\.name) + network.parameterPaths)
      }
      nodes.formUnion(matchedNodes.map(\.name))
      frozen.formUnion(matchedNodes.flatMap(\.parameterPaths))
      frozen.formUnion(matchedPaths)
    }
    self.init(nodes: nodes, network: network, frozen: frozen)
  }

  private init(nodes: Set<String>, network: Network, frozen: Set<String>) {
    var nodes = nodes
    var parameters = frozen
    for node in network.nodes {
      let trainable = node.layer.parameters.filter { $0.role != .statistic }
        .map { "\(node.name).\($0.name)" }
      let statistics = node.layer.parameters.filter { $0.role == .statistic }
        .map { "\(node.name).\($0.name)" }
      parameters.formUnion(statistics)
      if !trainable.isEmpty, parameters.isSuperset(of: trainable) { nodes.insert(node.name) }
    }
    self.nodes = nodes
    self.parameters = parameters
  }

  /// The parameters a gradient is computed for, in the network's order.
  public func trainable(in network: Network) -> [String] {
    network.parameterPaths.filter { !parameters.contains($0) }
  }

  /// Whether a pattern matches a path or one of the modules the path lies in.
  static func matches(_ pattern: String, _ path: String) -> Bool {
    if glob(Array(pattern.utf8), Array(path.utf8)) { return true }
    var end = path.endIndex
    while let dot = path[..<end].lastIndex(of: ".") {
      if glob(Array(pattern.utf8), Array(path[..<dot].utf8)) { return true }
      end = dot
    }
    return false
  }

  /// Whether a text matches a pattern in which `*` stands for any characters.
  private static func glob(_ pattern: [UInt8], _ text: [UInt8]) -> Bool {
    let star = UInt8(ascii: "*")
    var (p, t, starAt, resume) = (0, 0, -1, 0)
    while t < text.count {
      if p < pattern.count, pattern[p] == text[t], pattern[p] != star {
        p += 1
        t += 1
      } else if p < pattern.count, pattern[p] == star {
        starAt = p
        resume = t
        p += 1
      } else if starAt >= 0 {
        p = starAt + 1
        resume += 1
        t = resume
      } else {
        return false
      }
    }
    return pattern[p...].allSatisfy { $0 == star }
  }
}
