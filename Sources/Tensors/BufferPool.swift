internal import Synchronization

/// Recycles the aligned memory behind tensors, so that a steady-state training step allocates none.
///
/// The pool is process-wide, as the allocator it stands in front of is: a tensor may be released
/// on any thread long after the code that made it has returned, and no reference to a particular
/// pool could follow it there. It holds no state a caller can observe except through
/// ``statistics``.
package final class BufferPool: Sendable {
  /// The pool behind every tensor.
  package static let process = BufferPool()

  /// How many bytes of released memory are kept for reuse; beyond that, memory is returned.
  package static let retainedByteLimit = 4 << 30

  /// From this size on, memory comes from the arena; below, from lists of released memory of each
  /// size.
  private static let arenaThreshold = 32 << 10

  #if SYSTEM_ALLOCATOR
    /// Whether memory is recycled: not where a sanitizer is to see every use of it.
    private static let isRecycling = false
  #else
    /// Whether memory is recycled.
    private static let isRecycling = true
  #endif

  private struct State {
    var free: [Int: [UInt]] = [:]
    var arena = Arena()
    var statistics = BufferPoolStatistics()
  }

  private let state = Mutex(State())

  /// The bytes in use and retained, and how often memory was new.
  package var statistics: BufferPoolStatistics { state.withLock { $0.statistics } }

  /// The byte count a request is rounded up to.
  ///
  /// Small ones go in steps of an eighth of a power of
  /// two, so that tensors of similar size share a class and at most an eighth is wasted.
  private static func sizeClass(_ byteCount: Int) -> Int {
    let minimum = 256
    guard byteCount > minimum else { return minimum }
    guard byteCount < arenaThreshold else {
      return (byteCount + Arena.alignment - 1) / Arena.alignment * Arena.alignment
    }
    let step = max(minimum, 1 << (Int.bitWidth - 1 - byteCount.leadingZeroBitCount - 3))
    return (byteCount + step - 1) / step * step
  }

  /// Memory of at least a byte count, aligned for any vector.
  func take(_ byteCount: Int) -> UnsafeMutableRawPointer {
    let size = BufferPool.sizeClass(byteCount)
    let address: UInt? = state.withLock { state in
      state.statistics.bytesInUse += size
      state.statistics.peakBytesInUse = max(
        state.statistics.peakBytesInUse, state.statistics.bytesInUse)
      if BufferPool.isRecycling, size >= BufferPool.arenaThreshold {
        let fresh = state.arena.freshBlocks
        let address = state.arena.take(size)
        if state.arena.freshBlocks > fresh {
          state.statistics.allocations += 1
        } else {
          state.statistics.bytesRetained = max(0, state.statistics.bytesRetained - size)
        }
        return address
      }
      if let address = state.free[size]?.popLast() {
        state.statistics.bytesRetained -= size
        return address
      }
      state.statistics.allocations += 1
      return nil
    }
    if let address, let pointer = UnsafeMutableRawPointer(bitPattern: address) { return pointer }
    return .allocate(byteCount: size, alignment: Arena.alignment)
  }

  /// Takes back memory that ``take(_:)`` gave for the same byte count.
  func give(_ pointer: UnsafeMutableRawPointer, byteCount: Int) {
    let size = BufferPool.sizeClass(byteCount)
    let address = UInt(bitPattern: pointer)
    let isKept = state.withLock { state in
      state.statistics.bytesInUse -= size
      guard BufferPool.isRecycling else { return false }
      let isWithinLimit =
        state.statistics.bytesRetained + size <= BufferPool.retainedByteLimit
      if isWithinLimit { state.statistics.bytesRetained += size }
      if size >= BufferPool.arenaThreshold {
        state.arena.give(address, byteCount: size, releasing: !isWithinLimit)
        return true
      }
      if isWithinLimit { state.free[size, default: []].append(address) }
      return isWithinLimit
    }
    if !isKept { pointer.deallocate() }
  }
}

/// What the buffer pool has done so far; byte counts include rounding to size classes.
package struct BufferPoolStatistics: Sendable {
  /// Bytes of live tensors.
  package var bytesInUse = 0
  /// The most bytes of live tensors at any time.
  package var peakBytesInUse = 0
  /// Bytes released and kept for reuse.
  package var bytesRetained = 0
  /// How many times memory was taken from the system rather than reused.
  package var allocations = 0
}
