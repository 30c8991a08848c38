/// What a table of contexts is chosen by, beside the channel: the neighbours decoded before, in
/// buckets that keep their sign.
///
/// Symbols are counted from the zero's, modulo how many there are.
struct ContextKind {
  /// For the neighbours to the left and above: 0, 1, 2, 3 to 4, or more, on either side of zero.
  static let bucketCount = 9

  /// The bits of a symbol.
  let bits: Int

  /// For the neighbours above to the left and above to the right: zero, or on either side of it.
  ///
  /// Where there are many symbols, and tables are long, these do not matter.
  var coarseCount: Int { bits <= 4 ? 3 : 1 }

  /// The tables of a channel.
  var tableCount: Int {
    ContextKind.bucketCount * ContextKind.bucketCount * coarseCount * coarseCount
  }

  /// The bucket of each symbol.
  var buckets: [UInt8] {
    eachSymbol { distance, isBelow in
      let bucket: UInt8 = distance < 3 ? UInt8(distance) : distance < 5 ? 3 : 4
      return isBelow ? bucket + 4 : bucket
    }
  }

  /// The coarse bucket of each symbol.
  var coarseBuckets: [UInt8] {
    eachSymbol { distance, isBelow in distance == 0 ? 0 : isBelow ? 2 : 1 }
  }

  private func eachSymbol(_ bucket: (_ distance: Int, _ isBelow: Bool) -> UInt8) -> [UInt8] {
    let count = 1 << bits
    return (0..<count).map { symbol in
      let isBelow = symbol > count / 2
      return bucket(isBelow ? count - symbol : symbol, isBelow)
    }
  }
}
