internal import Glibc

/// Address space that is handed out in blocks and taken back, neighbours joined.
///
/// A block comes from the smallest gap it fits into, as low as there is one, so that memory touched
/// once serves tensors of any size afterwards, and what is resident stays near what is in use.
/// Not safe to use from several threads at once.
struct Arena {
  /// A gap, as addresses: a raw pointer is not Sendable, its bit pattern is.
  private struct Gap {
    var start: UInt
    var length: UInt
    var end: UInt { start + length }
  }

  /// Address space from the system, and how far into it blocks have reached.
  private struct Segment {
    var start: UInt
    var length: UInt
    var touched: UInt
  }

  /// Blocks are multiples of this, and begin at one.
  static let alignment = 64

  /// Address space is asked for in pieces of this; only what is touched takes memory.
  private static let segmentLength: UInt = 1 << 30

  /// Memory of this size is mapped at once where the system can.
  private static let hugePage: UInt = 2 << 20

  /// Gaps by address; no two touch.
  private var gaps: [Gap] = []
  private var segments: [Segment] = []

  /// How many blocks reached further than any before, into memory that was never used.
  private(set) var freshBlocks = 0

  /// What lies between two blocks, so that tensors of equal power-of-two sizes do not begin at the
  /// same place of a page, which stalls loads behind stores.
  private static func padded(_ byteCount: Int) -> UInt {
    UInt((byteCount + alignment - 1) / alignment * alignment + 4 * alignment)
  }

  /// A block of a byte count.
  ///
  /// - Precondition: the system has memory.
  mutating func take(_ byteCount: Int) -> UInt {
    let length = Arena.padded(byteCount)
    var best: Int?
    for index in gaps.indices where gaps[index].length >= length {
      if let current = best, gaps[current].length <= gaps[index].length { continue }
      best = index
      if gaps[index].length == length { break }
    }
    let index = best ?? extend(by: length)
    let start = gaps[index].start
    gaps[index].start += length
    gaps[index].length -= length
    if gaps[index].length == 0 { gaps.remove(at: index) }
    note(start + length)
    return start
  }

  /// Takes back a block that ``take(_:)`` gave for the same byte count.
  ///
  /// - Parameter releasing: whether its memory goes back to the system at once.
  mutating func give(_ start: UInt, byteCount: Int, releasing: Bool) {
    let length = Arena.padded(byteCount)
    var low = 0
    var high = gaps.count
    while low < high {
      let middle = (low + high) / 2
      if gaps[middle].start < start { low = middle + 1 } else { high = middle }
    }
    let joinsNext = low < gaps.count && gaps[low].start == start + length
    let joinsPrevious = low > 0 && gaps[low - 1].end == start
    switch (joinsPrevious, joinsNext) {
    case (true, true):
      gaps[low - 1].length += length + gaps[low].length
      gaps.remove(at: low)
    case (true, false):
      gaps[low - 1].length += length
    case (false, true):
      gaps[low].start = start
      gaps[low].length += length
    case (false, false):
      gaps.insert(Gap(start: start, length: length), at: low)
    }
    if releasing { Arena.release(start, length) }
  }

  private static func release(_ start: UInt, _ length: UInt) {
    let page = UInt(getpagesize())
    let first = (start + page - 1) / page * page
    let last = (start + length) / page * page
    guard first < last, let pointer = UnsafeMutableRawPointer(bitPattern: first) else { return }
    madvise(pointer, Int(last - first), MADV_DONTNEED)
  }

  /// Counts blocks that reach further than any before.
  private mutating func note(_ end: UInt) {
    for index in segments.indices
    where segments[index].start < end && end <= segments[index].start + segments[index].length {
      if end > segments[index].touched {
        segments[index].touched = end
        freshBlocks += 1
      }
      return
    }
  }

  /// Asks the system for address space and returns the gap it makes.
  private mutating func extend(by length: UInt) -> Int {
    // A page at the end belongs to no block, so that segments never join.
    let needed = length + UInt(getpagesize()) + Arena.hugePage
    var size = max(needed, Arena.segmentLength)
    var memory = Arena.map(size)
    if memory == nil {
      // A limit on address space may still allow what is needed.
      size = needed
      memory = Arena.map(size)
    }
    guard let memory else {
      preconditionFailure("out of memory: \(length) bytes for a tensor")
    }
    let start = (memory + Arena.hugePage - 1) / Arena.hugePage * Arena.hugePage
    let usable = memory + size - UInt(getpagesize()) - start
    segments.append(Segment(start: start, length: usable, touched: start))
    let index = gaps.firstIndex { $0.start > start } ?? gaps.count
    gaps.insert(Gap(start: start, length: usable), at: index)
    return index
  }

  private static func map(_ length: UInt) -> UInt? {
    let memory = mmap(
      nil, Int(length), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
    guard let memory, memory != MAP_FAILED else { return nil }
    // Without huge pages it is slower, not wrong.
    madvise(memory, Int(length), MADV_HUGEPAGE)
    return UInt(bitPattern: memory)
  }
}
