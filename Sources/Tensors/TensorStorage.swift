/// The reference-counted memory of a tensor.
///
/// `@unchecked Sendable`: the elements are written only while one tensor value holds the storage
/// uniquely (`Tensor.withUnsafeMutableBufferPointer` copies otherwise), so no two threads can see
/// a write.
final class TensorStorage<Scalar: TensorScalar>: @unchecked Sendable {
  let base: UnsafeMutablePointer<Scalar>
  let count: Int

  init(count: Int) {
    self.count = count
    let raw = BufferPool.process.take(count * MemoryLayout<Scalar>.stride)
    base = raw.bindMemory(to: Scalar.self, capacity: count)
  }

  deinit {
    BufferPool.process.give(
      UnsafeMutableRawPointer(base), byteCount: count * MemoryLayout<Scalar>.stride)
  }
}
