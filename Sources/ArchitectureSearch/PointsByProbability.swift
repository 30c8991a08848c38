internal import RealModule

/// The points of a distribution from the most to the least probable, produced one at a time.
///
/// The loss of an option is how much less its log probability is than that of the best option of
/// its dimension. Dimensions are ordered by the loss of their second-best option, and every point
/// but the first has one parent of at most its own loss: the last dimension not at its best goes
/// back by one option, or moves one dimension towards the front. A heap of the points whose parent
/// was given out therefore holds the next one and no point twice, and a point adds at most three.
struct PointsByProbability: Sequence, IteratorProtocol {
  private struct Node {
    /// The rank of the option of every dimension, dimensions in the order of ``dimensions``.
    var ranks: [UInt16]
    /// The last dimension not at rank 0.
    var last: Int
  }

  /// The dimensions of the space by the loss of the second-best option.
  private let dimensions: [Int]

  /// The options of every dimension from the most to the least probable, in the same order.
  private let options: [[Int]]

  /// Their losses, in the same order.
  private let losses: [[Double]]

  private var queue = PriorityQueue<Node>()

  init(of distribution: CategoricalDistribution) {
    let sorted = distribution.probabilities.map { row in
      row.indices.sorted { (row[$1], $0) < (row[$0], $1) }
    }
    let sortedLosses = zip(distribution.probabilities, sorted).map { row, order in
      order.map { Double.log(row[order[0]]) - Double.log(row[$0]) }
    }
    precondition(
      sorted.allSatisfy { $0.count <= UInt16.max }, "a dimension has more than 65,535 options")
    dimensions = sorted.indices.sorted { (sortedLosses[$0][1], $0) < (sortedLosses[$1][1], $1) }
    options = dimensions.map { sorted[$0] }
    losses = dimensions.map { sortedLosses[$0] }
    queue.insert(
      Node(ranks: Array(repeating: 0, count: sorted.count), last: -1), key: 0)
  }

  mutating func next() -> Choice? {
    guard let node = queue.popFirst()?.element else { return nil }
    let following = node.last + 1
    if node.last >= 0, Int(node.ranks[node.last]) + 1 < losses[node.last].count {
      insert(node) { $0.ranks[node.last] += 1 }
    }
    if following < dimensions.count {
      insert(node) {
        $0.ranks[following] = 1
        $0.last = following
      }
      if node.last >= 0, node.ranks[node.last] == 1 {
        insert(node) {
          $0.ranks[node.last] = 0
          $0.ranks[following] = 1
          $0.last = following
        }
      }
    }
    var choice = [Int](repeating: 0, count: dimensions.count)
    for (place, dimension) in dimensions.enumerated() {
      choice[dimension] = options[place][Int(node.ranks[place])]
    }
    return Choice(choice)
  }

  private mutating func insert(_ parent: Node, _ change: (inout Node) -> Void) {
    var node = parent
    change(&node)
    // Summed anew, as the difference of two infinite losses would be NaN.
    let loss = zip(losses, node.ranks).reduce(0) { $0 + $1.0[Int($1.1)] }
    queue.insert(node, key: loss)
  }
}
