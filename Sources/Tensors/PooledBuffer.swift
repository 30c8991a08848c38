/// Reference-counted memory from the buffer pool: the storage of a tensor, or a kernel's workspace.
///
/// `@unchecked Sendable`: a tensor writes its storage only while it holds it uniquely
/// (`Tensor.withUnsafeMutableBufferPointer` copies otherwise), and a workspace is written by the
/// one call that made it, in disjoint parts, so no two threads can see a write.
package final class PooledBuffer<Element: BitwiseCopyable>: @unchecked Sendable {
  /// The first element.
  package let base: UnsafeMutablePointer<Element>

  /// How many elements there are.
  package let count: Int

  /// Takes memory for `count` elements; they are not initialised.
  package init(count: Int) {
    self.count = count
    let raw = BufferPool.process.take(count * MemoryLayout<Element>.stride)
    base = raw.bindMemory(to: Element.self, capacity: count)
  }

  deinit {
    BufferPool.process.give(
      UnsafeMutableRawPointer(base), byteCount: count * MemoryLayout<Element>.stride)
  }
}
