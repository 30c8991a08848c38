/// What a step of the search makes of ranks: the best are to become likelier, the worst less so.
///
/// Source: Akimoto et al., ICML 2019, https://arxiv.org/abs/1905.08537.
public enum RankUtilities {
  /// The utility of every rank: +1/μ for the best μ = ⌈λ/4⌉ of λ, −1/μ for the worst μ, 0 between.
  ///
  /// Those of the same rank share the mean of the utilities of the places they take, so that the
  /// utilities always add up to 0.
  ///
  /// - Parameter ranks: λ ranks in any unit, a lower one being better.
  public static func utilities(ranks: [Double]) -> [Double] {
    let best = (ranks.count + 3) / 4
    let order = ranks.indices.sorted { ranks[$0] < ranks[$1] }
    var utilities = [Double](repeating: 0, count: ranks.count)
    var begin = 0
    while begin < order.count {
      let end = order[begin...].firstIndex { ranks[$0] != ranks[order[begin]] } ?? order.count
      // Counted in whole numbers, so that a tie of all gives exactly 0.
      let positive = max(0, min(end, best) - begin)
      let negative = max(0, end - max(begin, order.count - best))
      let shared = Double(positive - negative) / Double(best * (end - begin))
      for place in begin..<end { utilities[order[place]] = shared }
      begin = end
    }
    return utilities
  }
}
