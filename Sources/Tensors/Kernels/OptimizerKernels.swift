internal import RealModule

// Glossary: p parameter, g gradient, b momentum buffer, m and v first and second moment, n count.
// Each kernel works in place, through blocks that stay in the first cache, so that memory is read
// and written once. Elements are independent: the result is the same for any number of threads.

/// The elements a kernel takes through all its loops at once; five arrays of Float are 20 KiB.
private let blockLength = 1024

/// One step of gradient descent, with PyTorch's order of operations.
package struct GradientDescentKernel: Sendable {
  package var learningRate: Double
  package var momentum: Double
  package var nesterov: Bool
  package var weightDecay: Double

  package init(learningRate: Double, momentum: Double, nesterov: Bool, weightDecay: Double) {
    self.learningRate = learningRate
    self.momentum = momentum
    self.nesterov = nesterov
    self.weightDecay = weightDecay
  }

  /// Moves a parameter against its gradient; the momentum is not used.
  ///
  /// - Precondition: as many elements in both.
  package func update<Scalar: TensorScalar>(
    _ parameter: inout Tensor<Scalar>, gradient: Tensor<Scalar>
  ) {
    precondition(parameter.count == gradient.count, "\(parameter.shape) and \(gradient.shape)")
    parameter.withUnsafeMutableBufferPointer { p in
      gradient.withUnsafeBufferPointer { g in
        guard let p = p.baseAddress, let g = g.baseAddress else { return }
        ThreadPool.current.forEachChunk(of: gradient.count, grain: elementGrain) { range in
          step(p + range.lowerBound, g + range.lowerBound, range.count)
        }
      }
    }
  }

  /// Moves a parameter along its momentum buffer, after the gradient has been added to that.
  ///
  /// - Precondition: as many elements in all three.
  package func update<Scalar: TensorScalar>(
    _ parameter: inout Tensor<Scalar>, gradient: Tensor<Scalar>, buffer: inout Tensor<Scalar>
  ) {
    precondition(
      parameter.count == gradient.count && parameter.count == buffer.count,
      "\(parameter.shape), \(gradient.shape) and \(buffer.shape)")
    parameter.withUnsafeMutableBufferPointer { p in
      buffer.withUnsafeMutableBufferPointer { b in
        gradient.withUnsafeBufferPointer { g in
          guard let p = p.baseAddress, let b = b.baseAddress, let g = g.baseAddress else { return }
          ThreadPool.current.forEachChunk(of: gradient.count, grain: elementGrain) { range in
            let offset = range.lowerBound
            step(p + offset, g + offset, buffer: b + offset, range.count)
          }
        }
      }
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func step<Scalar: TensorScalar>(
    _ p: UnsafeMutablePointer<Scalar>, _ g: UnsafePointer<Scalar>, _ n: Int
  ) {
    let rate = Scalar(learningRate)
    let decay = Scalar(weightDecay)
    mapElements(p, g, into: p, count: n) { p, g in p - rate * (g + decay * p) }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func step<Scalar: TensorScalar>(
    _ p: UnsafeMutablePointer<Scalar>, _ g: UnsafePointer<Scalar>,
    buffer b: UnsafeMutablePointer<Scalar>, _ n: Int
  ) {
    let rate = Scalar(learningRate)
    let decay = Scalar(weightDecay)
    let momentum = Scalar(momentum)
    for start in stride(from: 0, to: n, by: blockLength) {
      let (p, g, b) = (p + start, g + start, b + start)
      let count = min(blockLength, n - start)
      mapElements(b, g, p, into: b, count: count) { b, g, p in momentum * b + (g + decay * p) }
      if nesterov {
        mapElements(p, b, g, into: p, count: count) { p, b, g in
          p - rate * (g + decay * p + momentum * b)
        }
      } else {
        mapElements(p, b, into: p, count: count) { p, b in p - rate * b }
      }
    }
  }
}

/// One step of Adam or AdamW, with PyTorch's order of operations.
package struct AdaptiveMomentsKernel: Sendable {
  package var learningRate: Double
  package var betas: (first: Double, second: Double)
  package var epsilon: Double
  package var weightDecay: Double
  /// Whether weight decay shrinks the parameter itself (AdamW) instead of joining the gradient.
  package var decoupled: Bool

  package init(
    learningRate: Double, betas: (first: Double, second: Double), epsilon: Double,
    weightDecay: Double, decoupled: Bool
  ) {
    self.learningRate = learningRate
    self.betas = betas
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.decoupled = decoupled
  }

  /// Moves a parameter and both moments.
  ///
  /// - Parameter steps: how many updates the parameter has had, this one included; at least 1.
  /// - Precondition: as many elements in all four.
  package func update<Scalar: TensorScalar>(
    _ parameter: inout Tensor<Scalar>, gradient: Tensor<Scalar>, first: inout Tensor<Scalar>,
    second: inout Tensor<Scalar>, steps: Int
  ) {
    precondition(
      parameter.count == gradient.count && parameter.count == first.count
        && parameter.count == second.count,
      "\(parameter.shape), \(gradient.shape), \(first.shape) and \(second.shape)")
    let correction = (
      first: 1 - Double.pow(betas.first, steps), second: 1 - Double.pow(betas.second, steps)
    )
    parameter.withUnsafeMutableBufferPointer { p in
      first.withUnsafeMutableBufferPointer { m in
        second.withUnsafeMutableBufferPointer { v in
          gradient.withUnsafeBufferPointer { g in
            guard let p = p.baseAddress, let g = g.baseAddress, let m = m.baseAddress,
              let v = v.baseAddress
            else { return }
            ThreadPool.current.forEachChunk(of: gradient.count, grain: elementGrain) { range in
              let offset = range.lowerBound
              step(p + offset, g + offset, m + offset, v + offset, range.count, correction)
            }
          }
        }
      }
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func step<Scalar: TensorScalar>(
    _ p: UnsafeMutablePointer<Scalar>, _ g: UnsafePointer<Scalar>,
    _ m: UnsafeMutablePointer<Scalar>, _ v: UnsafeMutablePointer<Scalar>, _ n: Int,
    _ correction: (first: Double, second: Double)
  ) {
    let stepSize = Scalar(learningRate / correction.first)
    let root = Scalar(correction.second.squareRoot())
    let epsilon = Scalar(epsilon)
    let firstWeight = Scalar(1 - betas.first)
    let secondKept = Scalar(betas.second)
    let secondWeight = Scalar(1 - betas.second)
    let shrink = decoupled ? Scalar(1 - learningRate * weightDecay) : 1
    let decay = decoupled ? 0 : Scalar(weightDecay)
    withUnsafeTemporaryAllocation(of: Scalar.self, capacity: blockLength) { scratch in
      guard let roots = scratch.baseAddress else { return }
      for start in stride(from: 0, to: n, by: blockLength) {
        let (p, g, m, v) = (p + start, g + start, m + start, v + start)
        let count = min(blockLength, n - start)
        if shrink != 1 { mapElements(p, into: p, count: count) { $0 * shrink } }
        mapElements(m, g, p, into: m, count: count) { m, g, p in
          m + firstWeight * (g + decay * p - m)
        }
        mapElements(v, g, p, into: v, count: count) { v, g, p in
          let gradient = g + decay * p
          return v * secondKept + secondWeight * gradient * gradient
        }
        // A square root is no vector code and would keep the divisions from becoming such.
        mapElements(v, into: roots, count: count) { $0.squareRoot() }
        mapElements(p, m, roots, into: p, count: count) { p, m, r in
          p - stepSize * m / (r / root + epsilon)
        }
      }
    }
  }
}

extension Tensor {
  /// Multiplies every element in place.
  package mutating func scale(by factor: Scalar) {
    let count = count
    withUnsafeMutableBufferPointer { own in
      guard let own = own.baseAddress else { return }
      ThreadPool.current.forEachChunk(of: count, grain: elementGrain) { range in
        scaleElements(own + range.lowerBound, range.count, by: factor)
      }
    }
  }

  /// The sum of the squares of all elements, accumulated in Double in blocks of fixed size, so
  /// that it does not depend on the number of threads.
  package func sumOfSquares() -> Double {
    let blocks = (count + elementGrain - 1) / elementGrain
    guard blocks > 0 else { return 0 }
    return withUnsafeBufferPointer { own in
      withUnsafeTemporaryAllocation(of: Double.self, capacity: blocks) { sums in
        guard let own = own.baseAddress, let partial = sums.baseAddress else { return 0 }
        ThreadPool.current.forEach(blocks) { block in
          let start = block * elementGrain
          (partial + block).initialize(
            to: squares(own + start, min(elementGrain, count - start)))
        }
        return UnsafeBufferPointer(sums).reduce(0, +)
      }
    }
  }
}

@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func scaleElements<Scalar: TensorScalar>(
  _ x: UnsafeMutablePointer<Scalar>, _ n: Int, by factor: Scalar
) {
  mapElements(x, into: x, count: n) { $0 * factor }
}

@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func squares<Scalar: TensorScalar>(_ x: UnsafePointer<Scalar>, _ n: Int) -> Double {
  // The optimiser does not reorder a sum; sixteen of them run side by side.
  var sums = SIMD16<Double>()
  var index = 0
  while index &+ 16 <= n {
    let operand = UnsafeRawPointer(x + index).loadUnaligned(as: SIMD16<Scalar>.self)
    var terms = SIMD16<Double>()
    for lane in 0..<16 { terms[lane] = Double(operand[lane]) }
    sums += terms * terms
    index &+= 16
  }
  var sum = sums.sum()
  while index < n {
    sum += Double(x[index]) * Double(x[index])
    index &+= 1
  }
  return sum
}
