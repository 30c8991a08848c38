package import Splitting

/// What keeps a search from beginning or from ending well.
package enum NASCError: Error, CustomStringConvertible {
  /// The recipe's network is not one of blocks.
  case blocksNeeded
  /// The recipe says where to cut what is to be found.
  case cutGiven
  /// The weights of another epoch than the last do not belong to the distribution.
  case monitor(String)
  /// The link loses or disturbs what is sent.
  case lossyLink
  /// A file holds no table of latencies, or not all of it.
  case table(file: String, reason: String)
  /// No network of the space is fast enough.
  case nothingFeasible(limit: TimeSpan, fastest: TimeSpan, device: Bool)
  /// The space is too large to be evaluated as a whole.
  case tooManyNetworks(Int, most: Int)
  /// A saved state belongs to another search.
  case otherSearch
  /// What a run has saved or chosen cannot be read.
  case damaged(_ what: String, reason: String)
  /// There is nothing found yet.
  case notSearched
  /// What was found is not split.
  case notSplit(String)

  package var description: String {
    switch self {
    case .blocksNeeded:
      "nasc searches networks of blocks: expected network.blocks with stages, such as "
        + "{stem: 16, stages: [{channels: 32, stride: 2, layers: 2}]}"
    case .cutGiven: "nasc searches where to cut: expected no network.cut"
    case .monitor(let name):
      "nasc goes on with its last weights: expected train.monitor to be steps, found \(name)"
    case .lossyLink: "nasc has no model of a lossy link: expected no loss and no noise"
    case .table(let file, let reason):
      "nasc.latency_table: \(file) \(reason); expected a latency_table.json of an earlier search of "
        + "the same space"
    case .nothingFeasible(let limit, let fastest, let device):
      "found no network of the space that \(device ? "takes the device" : "answers within") at most \(limit): "
        + "the fastest that has one operation everywhere takes \(fastest); "
        + "raise nasc.latency_limit or add faster operations"
    case .tooManyNetworks(let count, let most):
      "the space has \(count == .max ? "too many" : "\(count)") networks to evaluate them all: "
        + "expected at most \(most), or exhaustive: false"
    case .otherSearch: "the saved state belongs to a search of another space or seed"
    case .damaged(let what, let reason): "\(what) is damaged: \(reason)"
    case .notSearched: "nothing is found yet: the search has to end first"
    case .notSplit(let where_):
      "the network that was found is computed \(where_), so that it has no two parts"
    }
  }
}
