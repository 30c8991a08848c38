// Loops over contiguous memory. Sixteen elements at a time are loaded as one vector, computed lane
// by lane with a scalar closure, and stored as one vector: the optimiser turns the lanes into
// vector code, and since every load precedes the store it needs no proof that the pointers do not
// overlap. Operands may therefore be the very memory the result goes to.

/// The number of elements that the loops below treat at once.
let laneCount = 16

/// Sixteen elements from memory of any alignment.
@inline(__always)
func load<Scalar: TensorScalar>(_ pointer: UnsafePointer<Scalar>) -> SIMD16<Scalar> {
  UnsafeRawPointer(pointer).loadUnaligned(as: SIMD16<Scalar>.self)
}

/// Writes sixteen elements to memory of any alignment.
@inline(__always)
func store<Scalar: TensorScalar>(
  _ vector: SIMD16<Scalar>, to pointer: UnsafeMutablePointer<Scalar>
) {
  UnsafeMutableRawPointer(pointer).storeBytes(of: vector, as: SIMD16<Scalar>.self)
}

/// `y[i] = f(x[i])`.
@inline(__always)
func mapElements<Scalar: TensorScalar>(
  _ x: UnsafePointer<Scalar>, into y: UnsafeMutablePointer<Scalar>, count: Int,
  _ function: (Scalar) -> Scalar
) {
  var index = 0
  while index &+ laneCount <= count {
    let operand = load(x + index)
    var result = SIMD16<Scalar>()
    for lane in 0..<laneCount { result[lane] = function(operand[lane]) }
    store(result, to: y + index)
    index &+= laneCount
  }
  while index < count {
    y[index] = function(x[index])
    index &+= 1
  }
}

/// `z[i] = f(x[i], y[i])`.
@inline(__always)
func mapElements<Scalar: TensorScalar>(
  _ x: UnsafePointer<Scalar>, _ y: UnsafePointer<Scalar>, into z: UnsafeMutablePointer<Scalar>,
  count: Int, _ function: (Scalar, Scalar) -> Scalar
) {
  var index = 0
  while index &+ laneCount <= count {
    let first = load(x + index)
    let second = load(y + index)
    var result = SIMD16<Scalar>()
    for lane in 0..<laneCount { result[lane] = function(first[lane], second[lane]) }
    store(result, to: z + index)
    index &+= laneCount
  }
  while index < count {
    z[index] = function(x[index], y[index])
    index &+= 1
  }
}

/// `r[i] = f(x[i], y[i], z[i])`.
@inline(__always)
func mapElements<Scalar: TensorScalar>(
  _ x: UnsafePointer<Scalar>, _ y: UnsafePointer<Scalar>, _ z: UnsafePointer<Scalar>,
  into r: UnsafeMutablePointer<Scalar>, count: Int, _ function: (Scalar, Scalar, Scalar) -> Scalar
) {
  var index = 0
  while index &+ laneCount <= count {
    let first = load(x + index)
    let second = load(y + index)
    let third = load(z + index)
    var result = SIMD16<Scalar>()
    for lane in 0..<laneCount { result[lane] = function(first[lane], second[lane], third[lane]) }
    store(result, to: r + index)
    index &+= laneCount
  }
  while index < count {
    r[index] = function(x[index], y[index], z[index])
    index &+= 1
  }
}

/// The sum of `f(i-th elements)` in sixteen accumulators that are added at the end.
@inline(__always)
func sumElements<Scalar: TensorScalar>(
  _ x: UnsafePointer<Scalar>, count: Int, _ function: (Scalar) -> Scalar
) -> Scalar {
  var sums = SIMD16<Scalar>()
  var index = 0
  while index &+ laneCount <= count {
    let operand = load(x + index)
    var terms = SIMD16<Scalar>()
    for lane in 0..<laneCount { terms[lane] = function(operand[lane]) }
    sums += terms
    index &+= laneCount
  }
  var sum = sums.sum()
  while index < count {
    sum += function(x[index])
    index &+= 1
  }
  return sum
}

/// The sum of `f(x[i], y[i])` in sixteen accumulators that are added at the end.
@inline(__always)
func sumElements<Scalar: TensorScalar>(
  _ x: UnsafePointer<Scalar>, _ y: UnsafePointer<Scalar>, count: Int,
  _ function: (Scalar, Scalar) -> Scalar
) -> Scalar {
  var sums = SIMD16<Scalar>()
  var index = 0
  while index &+ laneCount <= count {
    let first = load(x + index)
    let second = load(y + index)
    var terms = SIMD16<Scalar>()
    for lane in 0..<laneCount { terms[lane] = function(first[lane], second[lane]) }
    sums += terms
    index &+= laneCount
  }
  var sum = sums.sum()
  while index < count {
    sum += function(x[index], y[index])
    index &+= 1
  }
  return sum
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
