internal import ArchitectureSearch
internal import Networks

/// Block networks of one outline that differ in operations, bottlenecks and where they are split.
struct BlockSpace {
  /// Where a network is split.
  enum Split: Hashable {
    /// Before everything: the server computes it all.
    case input
    /// Behind a block, counted from 0 over all stages.
    case block(Int)
    /// Nowhere: the device computes it all.
    case none

    var name: String {
      switch self {
      case .input: "input"
      case .block(let index): "block_\(index + 1)"
      case .none: "none"
      }
    }

    /// For people.
    var description: String {
      switch self {
      case .input: "input"
      case .block(let index): "after block \(index + 1)"
      case .none: "none"
      }
    }
  }

  /// What all networks have in common.
  let outline: BlockNetwork
  let operations: [BlockOperation]
  /// The shares of channels left at the end of a stage.
  let bottlenecks: [Double]
  /// Where a network may be split; none of the dimensions if the search does not know of it.
  let splits: [Split]
  let space: ChoiceSpace
  /// The space of the networks alone, wherever they are split.
  let networks: ChoiceSpace

  private let searchesSplit: Bool

  /// Whether the place of the split is a dimension.
  private var isSplitSearched: Bool { searchesSplit && splits.count > 1 }

  /// Creates the space of a section.
  ///
  /// - Throws: `ArchitectureSearchError` if there is nothing to choose.
  init(_ outline: BlockNetwork, _ configuration: NASCConfiguration) throws {
    self.outline = outline
    operations = configuration.operations
    searchesSplit = configuration.strategy != .splitUnaware
    bottlenecks = searchesSplit ? configuration.bottlenecks : [1]
    let count = outline.blockCount
    let inside = (0..<count).map { Split.block($0) }
    splits = configuration.splits == .any ? [.input] + inside + [.none] : inside
    var dimensions = (0..<count).map {
      ChoiceDimension("block_\($0 + 1)", options: configuration.operations.map(\.name))
    }
    if bottlenecks.count > 1 {
      dimensions += outline.stages.indices.map {
        ChoiceDimension("bottleneck_\($0 + 1)", options: configuration.bottlenecks.map { "\($0)" })
      }
    }
    networks = try ChoiceSpace(dimensions)
    if searchesSplit, splits.count > 1 {
      dimensions.append(ChoiceDimension("split", options: splits.map(\.name)))
    }
    space = try ChoiceSpace(dimensions)
  }

  /// The network of a point.
  func blocks(of choice: Choice) -> BlockNetwork {
    let places = places(of: choice)
    return blocks(operations: places.operations, shares: places.shares)
  }

  /// The network of operations of each block, and shares of each stage's bottleneck, by their places.
  private func blocks(operations places: [Int], shares: [Int]) -> BlockNetwork {
    var result = outline
    var rest = places[...]
    for stage in result.stages.indices {
      for block in result.stages[stage].operations.indices {
        result.stages[stage].operations[block] = operations[rest.removeFirst()]
      }
      result.stages[stage].bottleneck = bottlenecks[shares[stage]]
    }
    return result
  }

  /// What a point says of each block, and of each stage's bottleneck.
  func places(of choice: Choice) -> (operations: [Int], shares: [Int]) {
    let count = outline.blockCount
    let stages = outline.stages.count
    return (
      Array(choice.options[..<count]),
      bottlenecks.count > 1
        ? Array(choice.options[count..<count + stages]) : Array(repeating: 0, count: stages)
    )
  }

  /// Where a point splits its network; nil if the search does not know of the split.
  func split(of choice: Choice) -> Split? {
    guard searchesSplit else { return nil }
    return isSplitSearched ? splits[choice[space.dimensions.count - 1]] : splits[0]
  }

  /// Places of one operation and one share everywhere.
  func everywhere(operation: Int, share: Int) -> (operations: [Int], shares: [Int]) {
    (
      Array(repeating: operation, count: outline.blockCount),
      Array(repeating: share, count: outline.stages.count)
    )
  }

  /// Networks of one operation and one share in all places, that have every part of the space among
  /// them.
  var examples: [BlockNetwork] {
    (0..<max(operations.count, bottlenecks.count)).map { index in
      let places = everywhere(
        operation: index % operations.count, share: index % bottlenecks.count)
      return blocks(operations: places.operations, shares: places.shares)
    }
  }

  /// The point of a network in ``networks`` that is split somewhere.
  func point(_ network: Choice, _ split: Split) -> Choice {
    guard isSplitSearched, let place = splits.firstIndex(of: split) else { return network }
    return Choice(network.options + [place])
  }
}
