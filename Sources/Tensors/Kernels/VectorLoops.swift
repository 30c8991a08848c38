// Loops over contiguous memory, in a form that the optimiser turns into vector code.
//
// A block of results is computed into memory on the stack and then copied out. Nothing else points
// there, so the loop needs no proof that the operands do not overlap the target: operands may be
// the very memory the result goes to. The inner loop is kept a loop: written out lane by lane, a
// comparison in the function would become a branch for each element instead of a vector select.

/// Calls a body with memory for a block, its start and its length, for every block of a count.
///
/// A block is 128 elements: 1 KiB of Double, the most that is taken from the stack.
@inline(__always)
private func forEachBlock<Scalar: TensorScalar>(
  of count: Int, _ body: (UnsafeMutablePointer<Scalar>, Int, Int) -> Void
) {
  withUnsafeTemporaryAllocation(of: Scalar.self, capacity: 128) { buffer in
    guard let block = buffer.baseAddress else { return }
    var start = 0
    while start < count {
      let length = min(128, count &- start)
      body(block, start, length)
      start &+= 128
    }
  }
}

/// `y[i] = f(x[i])`.
@inline(__always)
func mapElements<Scalar: TensorScalar>(
  _ x: UnsafePointer<Scalar>, into y: UnsafeMutablePointer<Scalar>, count: Int,
  _ function: (Scalar) -> Scalar
) {
  forEachBlock(of: count) { (block: UnsafeMutablePointer<Scalar>, start, length) in
    let x = x + start
    for index in 0..<length { block[index] = function(x[index]) }
    (y + start).update(from: block, count: length)
  }
}

/// `z[i] = f(x[i], y[i])`.
@inline(__always)
func mapElements<Scalar: TensorScalar>(
  _ x: UnsafePointer<Scalar>, _ y: UnsafePointer<Scalar>, into z: UnsafeMutablePointer<Scalar>,
  count: Int, _ function: (Scalar, Scalar) -> Scalar
) {
  forEachBlock(of: count) { (block: UnsafeMutablePointer<Scalar>, start, length) in
    let (x, y) = (x + start, y + start)
    for index in 0..<length { block[index] = function(x[index], y[index]) }
    (z + start).update(from: block, count: length)
  }
}

/// `r[i] = f(x[i], y[i], z[i])`.
@inline(__always)
func mapElements<Scalar: TensorScalar>(
  _ x: UnsafePointer<Scalar>, _ y: UnsafePointer<Scalar>, _ z: UnsafePointer<Scalar>,
  into r: UnsafeMutablePointer<Scalar>, count: Int, _ function: (Scalar, Scalar, Scalar) -> Scalar
) {
  forEachBlock(of: count) { (block: UnsafeMutablePointer<Scalar>, start, length) in
    let (x, y, z) = (x + start, y + start, z + start)
    for index in 0..<length { block[index] = function(x[index], y[index], z[index]) }
    (r + start).update(from: block, count: length)
  }
}

/// The sum of `f(x[i])`, in sixteen accumulators that are added at the end.
@inline(__always)
func sumElements<Scalar: TensorScalar>(
  _ x: UnsafePointer<Scalar>, count: Int, _ function: (Scalar) -> Scalar
) -> Scalar {
  var sums = SIMD16<Scalar>()
  var sum: Scalar = 0
  forEachBlock(of: count) { (block: UnsafeMutablePointer<Scalar>, start, length) in
    let x = x + start
    for index in 0..<length { block[index] = function(x[index]) }
    addBlock(block, length, to: &sums, &sum)
  }
  return sum + sums.sum()
}

/// The sum of `f(x[i], y[i])`, in sixteen accumulators that are added at the end.
@inline(__always)
func sumElements<Scalar: TensorScalar>(
  _ x: UnsafePointer<Scalar>, _ y: UnsafePointer<Scalar>, count: Int,
  _ function: (Scalar, Scalar) -> Scalar
) -> Scalar {
  var sums = SIMD16<Scalar>()
  var sum: Scalar = 0
  forEachBlock(of: count) { (block: UnsafeMutablePointer<Scalar>, start, length) in
    let (x, y) = (x + start, y + start)
    for index in 0..<length { block[index] = function(x[index], y[index]) }
    addBlock(block, length, to: &sums, &sum)
  }
  return sum + sums.sum()
}

/// Adds a block to accumulators: full vectors to the lanes, the remainder to a number.
@inline(__always)
private func addBlock<Scalar: TensorScalar>(
  _ block: UnsafePointer<Scalar>, _ length: Int, to sums: inout SIMD16<Scalar>,
  _ sum: inout Scalar
) {
  var index = 0
  while index &+ 16 <= length {
    sums += UnsafeRawPointer(block + index).loadUnaligned(as: SIMD16<Scalar>.self)
    index &+= 16
  }
  while index < length {
    sum += block[index]
    index &+= 1
  }
}

/// Folds rows of a matrix into one row: `y[j] = f(… f(f(identity, x[0, j]), x[1, j]) …)`.
@inline(__always)
func foldRows<Scalar: TensorScalar>(
  _ x: UnsafePointer<Scalar>, rows: Int, columns: Int, into y: UnsafeMutablePointer<Scalar>,
  identity: Scalar, _ function: (Scalar, Scalar) -> Scalar
) {
  forEachBlock(of: columns) { (block: UnsafeMutablePointer<Scalar>, start, length) in
    block.update(repeating: identity, count: length)
    var row = x + start
    for _ in 0..<rows {
      for index in 0..<length { block[index] = function(block[index], row[index]) }
      row += columns
    }
    (y + start).update(from: block, count: length)
  }
}

/// Folds a vector with an associative and commutative function, in 64 accumulators.
@inline(__always)
func foldElements<Scalar: TensorScalar>(
  _ x: UnsafePointer<Scalar>, count: Int, identity: Scalar, _ function: (Scalar, Scalar) -> Scalar
) -> Scalar {
  let whole = count / 64
  var result = identity
  if whole > 0 {
    withUnsafeTemporaryAllocation(of: Scalar.self, capacity: 64) { buffer in
      guard let lanes = buffer.baseAddress else { return }
      foldRows(x, rows: whole, columns: 64, into: lanes, identity: identity, function)
      for lane in 0..<64 { result = function(result, lanes[lane]) }
    }
  }
  for index in whole * 64..<count { result = function(result, x[index]) }
  return result
}

/// The smallest part of an element-wise loop worth a thread, in elements.
let elementGrain = 1 << 15

extension Tensor {
  /// A tensor of the same shape that a kernel writes from this one, chunks in parallel.
  @inline(__always)
  func mapChunks(
    _ kernel: (UnsafePointer<Scalar>, UnsafeMutablePointer<Scalar>, Int) -> Void
  ) -> Tensor {
    withUnsafeBufferPointer { source in
      Tensor(shape) { target in
        guard let source = source.baseAddress, let target = target.baseAddress else { return }
        ThreadPool.current.forEachChunk(of: count, grain: elementGrain) { range in
          kernel(source + range.lowerBound, target + range.lowerBound, range.count)
        }
      }
    }
  }

  /// A tensor of the same shape that a kernel writes from this and another one, in parallel.
  @inline(__always)
  func mapChunks(
    with other: Tensor,
    _ kernel: (UnsafePointer<Scalar>, UnsafePointer<Scalar>, UnsafeMutablePointer<Scalar>, Int) ->
      Void
  ) -> Tensor {
    precondition(count == other.count, "\(shape) and \(other.shape) differ")
    return withUnsafeBufferPointer { source in
      other.withUnsafeBufferPointer { other in
        Tensor(shape) { target in
          guard let source = source.baseAddress, let other = other.baseAddress,
            let target = target.baseAddress
          else { return }
          ThreadPool.current.forEachChunk(of: count, grain: elementGrain) { range in
            let offset = range.lowerBound
            kernel(source + offset, other + offset, target + offset, range.count)
          }
        }
      }
    }
  }
}
