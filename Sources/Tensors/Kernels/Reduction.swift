/// A reduction of elements to one.
package enum ReductionFunction: Sendable {
  case sum
  case maximum
  case minimum
}

extension Tensor {
  /// The reduction over axes, which keep an extent of one.
  ///
  /// The order of summation depends on the shape alone, never on the number of threads.
  ///
  /// - Precondition: no reduced axis is empty unless the reduction is a sum.
  package func reduced(_ function: ReductionFunction, axes: [Int]) -> Tensor {
    var result = self
    var keptShape = shape
    var reducing = [Bool](repeating: false, count: shape.rank)
    for axis in axes {
      reducing[shape.resolve(axis)] = true
      keptShape[axis] = 1
    }
    // Runs of neighbouring axes are reduced one after the other, the innermost first.
    var end = shape.rank
    while end > 0 {
      guard reducing[end - 1] else {
        end -= 1
        continue
      }
      var start = end - 1
      while start > 0, reducing[start - 1] { start -= 1 }
      result = result.reducedMiddle(
        function, outer: result.shape.product(0..<start),
        extent: result.shape.product(start..<end),
        inner: result.shape.product(end..<result.shape.rank))
      var dimensions = shape.dimensions
      for axis in start..<shape.rank where reducing[axis] { dimensions[axis] = 1 }
      result = result.reshaped(to: Shape(dimensions))
      end = start
    }
    return result.reshaped(to: keptShape)
  }

  /// The gradient of a tensor of a shape that was broadcast to this one: sums over what was
  /// stretched.
  package func unbroadcast(to target: Shape) -> Tensor {
    if shape == target { return self }
    let lead = shape.rank - target.rank
    let stretched = (0..<shape.rank).filter { axis in
      axis < lead || (target[axis - lead] == 1 && shape[axis] != 1)
    }
    return reduced(.sum, axes: stretched).reshaped(to: target)
  }

  /// The reduction of the middle axis of `[outer, extent, inner]`, as `[outer, inner]`.
  private func reducedMiddle(
    _ function: ReductionFunction, outer: Int, extent: Int, inner: Int
  ) -> Tensor {
    if extent == 1 { return reshaped(to: [outer, inner]) }
    precondition(
      extent > 0 || function == .sum, "\(function) over an empty axis of \(shape)")
    // A fixed partition into parts of about one grain keeps both threads busy and rounding low.
    let rows = max(1, min(extent, elementGrain / max(inner, 1)))
    let parts = max(1, extent / rows)
    let partial = withUnsafeBufferPointer { source in
      Tensor([outer * parts, inner]) { target in
        guard let source = source.baseAddress, let target = target.baseAddress else { return }
        let grain = max(1, elementGrain / max(1, extent / parts * inner))
        ThreadPool.current.forEachChunk(of: outer * parts, grain: grain) { range in
          for block in range {
            let (row, part) = (block / parts, block % parts)
            let start = extent * part / parts
            let end = extent * (part + 1) / parts
            reduceRows(
              function, source + (row * extent + start) * inner, rows: end - start, columns: inner,
              into: target + block * inner)
          }
        }
      }
    }
    guard parts > 1 else { return partial }
    return partial.withUnsafeBufferPointer { source in
      Tensor([outer, inner]) { target in
        guard let source = source.baseAddress, let target = target.baseAddress else { return }
        for row in 0..<outer {
          reduceRows(
            function, source + row * parts * inner, rows: parts, columns: inner,
            into: target + row * inner)
        }
      }
    }
  }
}

/// Reduces the rows of a matrix to one row, in the calling thread.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func reduceRows<Scalar: TensorScalar>(
  _ function: ReductionFunction, _ source: UnsafePointer<Scalar>, rows: Int, columns: Int,
  into target: UnsafeMutablePointer<Scalar>
) {
  switch function {
  case .sum: reduceRows(source, rows, columns, target, 0) { $0 + $1 }
  // A NaN wins, as in PyTorch.
  case .maximum:
    reduceRows(source, rows, columns, target, -.infinity) { a, b in b > a || b != b ? b : a }
  case .minimum:
    reduceRows(source, rows, columns, target, .infinity) { a, b in b < a || b != b ? b : a }
  }
}

@inline(__always)
private func reduceRows<Scalar: TensorScalar>(
  _ source: UnsafePointer<Scalar>, _ rows: Int, _ columns: Int,
  _ target: UnsafeMutablePointer<Scalar>, _ identity: Scalar,
  _ function: (Scalar, Scalar) -> Scalar
) {
  if columns == 1 {
    target.pointee = foldElements(source, count: rows, identity: identity, function)
  } else {
    foldRows(
      source, rows: rows, columns: columns, into: target, identity: identity, function)
  }
}
