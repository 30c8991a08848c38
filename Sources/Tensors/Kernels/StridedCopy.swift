/// Copies a block of elements between two strided layouts; the ground of slice, pad, concat,
/// transpose and broadcast.
///
/// - Parameters:
///   - shape: the extents of the block.
///   - sourceStrides: elements between neighbours along each axis of the source; 0 repeats it.
///   - targetStrides: the same of the target.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
package func copyStrided<Scalar: TensorScalar>(
  _ shape: Shape, from source: UnsafePointer<Scalar>, sourceStrides: [Int],
  to target: UnsafeMutablePointer<Scalar>, targetStrides: [Int]
) {
  guard shape.elementCount > 0 else { return }
  let nest = LoopNest(shape, sourceStrides, targetStrides)
  let sourceStep = nest.innerStrides.0
  let targetStep = nest.innerStrides.1
  nest.forEachRow(operationsPerElement: 1) { range, sourceOffset, targetOffset in
    let from = source + sourceOffset + range.lowerBound * sourceStep
    let to = target + targetOffset + range.lowerBound * targetStep
    let count = range.count
    if targetStep == 1 {
      switch sourceStep {
      case 1: to.update(from: from, count: count)
      case 0: to.update(repeating: from.pointee, count: count)
      default: for index in 0..<count { to[index] = from[index &* sourceStep] }
      }
    } else {
      for index in 0..<count { to[index &* targetStep] = from[index &* sourceStep] }
    }
  }
}

/// The loops over a block that two (or three) operands are laid out in with strides.
///
/// Axes of extent one vanish and axes that follow each other in every operand merge, so that
/// common cases become one long inner loop.
struct LoopNest {
  /// The extents of the outer loops, outermost first.
  private(set) var outer: [Int] = []
  private var outerStrides: [(Int, Int, Int)] = []

  /// The extent of the innermost loop, at least 1.
  private(set) var innerCount = 1

  /// The strides of the operands in the innermost loop.
  private(set) var innerStrides = (1, 1, 1)

  init(_ shape: Shape, _ first: [Int], _ second: [Int], _ third: [Int]? = nil) {
    let third = third ?? second
    for axis in 0..<shape.rank where shape[axis] != 1 {
      let extent = shape[axis]
      if let last = outerStrides.last, last.0 == first[axis] * extent,
        last.1 == second[axis] * extent, last.2 == third[axis] * extent
      {
        outer[outer.count - 1] *= extent
        outerStrides[outer.count - 1] = (first[axis], second[axis], third[axis])
      } else {
        outer.append(extent)
        outerStrides.append((first[axis], second[axis], third[axis]))
      }
    }
    if let extent = outer.popLast(), let strides = outerStrides.popLast() {
      innerCount = extent
      innerStrides = strides
    }
  }

  /// The number of innermost loops.
  var rowCount: Int { outer.reduce(1, *) }

  /// Calls a body for every row (or, of a single row, every chunk) with the range of the inner
  /// loop and the first two operands' offsets, in parallel.
  @inline(__always)
  func forEachRow(operationsPerElement cost: Int, _ body: (Range<Int>, Int, Int) -> Void) {
    forEachRow(operationsPerElement: cost) { range, first, second, _ in body(range, first, second) }
  }

  /// Calls a body for every row (or, of a single row, every chunk) with the range of the inner
  /// loop and the three operands' offsets, in parallel.
  @inline(__always)
  func forEachRow(operationsPerElement cost: Int, _ body: (Range<Int>, Int, Int, Int) -> Void) {
    let grain = max(1, elementGrain / max(cost, 1))
    let rows = rowCount
    if rows == 1 {
      ThreadPool.current.forEachChunk(of: innerCount, grain: grain) { body($0, 0, 0, 0) }
      return
    }
    let rowGrain = max(1, grain / innerCount)
    ThreadPool.current.forEachChunk(of: rows, grain: rowGrain) { range in
      var position = [Int](repeating: 0, count: outer.count)
      var offsets = (0, 0, 0)
      var remainder = range.lowerBound
      for axis in stride(from: outer.count - 1, through: 0, by: -1) {
        position[axis] = remainder % outer[axis]
        remainder /= outer[axis]
        offsets.0 += position[axis] * outerStrides[axis].0
        offsets.1 += position[axis] * outerStrides[axis].1
        offsets.2 += position[axis] * outerStrides[axis].2
      }
      for _ in range {
        body(0..<innerCount, offsets.0, offsets.1, offsets.2)
        var axis = outer.count - 1
        while axis >= 0 {
          position[axis] += 1
          offsets.0 += outerStrides[axis].0
          offsets.1 += outerStrides[axis].1
          offsets.2 += outerStrides[axis].2
          if position[axis] < outer[axis] { break }
          position[axis] = 0
          offsets.0 -= outer[axis] * outerStrides[axis].0
          offsets.1 -= outer[axis] * outerStrides[axis].1
          offsets.2 -= outer[axis] * outerStrides[axis].2
          axis -= 1
        }
      }
    }
  }
}

extension Shape {
  /// The elements between neighbours along each axis of a contiguous tensor of this shape.
  package var strides: [Int] {
    var strides = [Int](repeating: 1, count: rank)
    for axis in stride(from: rank - 2, through: 0, by: -1) {
      strides[axis] = strides[axis + 1] * self[axis + 1]
    }
    return strides
  }

  /// The shape two shapes broadcast to by PyTorch's rules (aligned at the last axis, an extent of
  /// one stretches), or `nil` if they do not.
  package func broadcast(with other: Shape) -> Shape? {
    let count = Swift.max(rank, other.rank)
    var dimensions = [Int](repeating: 1, count: count)
    for back in 1...Swift.max(count, 1) where back <= count {
      let own = back <= rank ? self[-back] : 1
      let theirs = back <= other.rank ? other[-back] : 1
      guard own == theirs || own == 1 || theirs == 1 else { return nil }
      dimensions[count - back] = own == 1 ? theirs : own
    }
    return Shape(dimensions)
  }

  /// The strides with which a contiguous tensor of this shape is read as a shape it broadcasts
  /// to: 0 along stretched axes.
  func strides(broadcastTo shape: Shape) -> [Int] {
    let own = strides
    let lead = shape.rank - rank
    return (0..<shape.rank).map { axis in
      axis < lead || (self[axis - lead] == 1 && shape[axis] != 1) ? 0 : own[axis - lead]
    }
  }
}

extension Tensor {
  /// This tensor repeated along the axes in which it is stretched to a shape.
  ///
  /// - Precondition: the shape broadcasts to the other.
  package func broadcast(to target: Shape) -> Tensor {
    if shape == target { return self }
    precondition(
      shape.broadcast(with: target) == target, "broadcast: \(shape) does not stretch to \(target)")
    return withUnsafeBufferPointer { source in
      Tensor(target) { buffer in
        guard let source = source.baseAddress, let base = buffer.baseAddress else { return }
        copyStrided(
          target, from: source, sourceStrides: shape.strides(broadcastTo: target), to: base,
          targetStrides: target.strides)
      }
    }
  }

  /// The axes reordered: axis `i` of the result is axis `permutation[i]` of this tensor.
  ///
  /// - Precondition: a permutation of all axes.
  package func transposed(_ permutation: [Int]) -> Tensor {
    precondition(
      permutation.sorted() == Array(0..<shape.rank),
      "transposed: \(permutation) does not permute the axes of \(shape)")
    let target = Shape(permutation.map { shape[$0] })
    let own = shape.strides
    return withUnsafeBufferPointer { source in
      Tensor(target) { buffer in
        guard let source = source.baseAddress, let base = buffer.baseAddress else { return }
        copyStrided(
          target, from: source, sourceStrides: permutation.map { own[$0] }, to: base,
          targetStrides: target.strides)
      }
    }
  }

  /// The elements at `starts + i · steps` along each axis, `extents` of them.
  package func extracted(starts: [Int], extents: Shape, steps: [Int]) -> Tensor {
    let own = shape.strides
    let offset = zip(starts, own).reduce(0) { $0 + $1.0 * $1.1 }
    return withUnsafeBufferPointer { source in
      Tensor(extents) { buffer in
        guard let source = source.baseAddress, let base = buffer.baseAddress, buffer.count > 0
        else { return }
        copyStrided(
          extents, from: source + offset, sourceStrides: zip(own, steps).map { $0 * $1 },
          to: base, targetStrides: extents.strides)
      }
    }
  }

  /// Writes a block at `starts + i · steps` along each axis.
  package mutating func insert(_ block: Tensor, starts: [Int], steps: [Int]) {
    guard block.count > 0 else { return }
    let own = shape.strides
    let offset = zip(starts, own).reduce(0) { $0 + $1.0 * $1.1 }
    block.withUnsafeBufferPointer { source in
      withUnsafeMutableBufferPointer { target in
        guard let source = source.baseAddress, let base = target.baseAddress else { return }
        copyStrided(
          block.shape, from: source, sourceStrides: block.shape.strides, to: base + offset,
          targetStrides: zip(own, steps).map { $0 * $1 })
      }
    }
  }
}
