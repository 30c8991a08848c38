internal import RealModule

// Glossary: p parameter, g gradient, b momentum buffer, m and v first and second moment, n count.
// Each kernel reads and writes every element once, in place; elements are independent, so the
// result does not depend on the number of threads.

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
    if nesterov {
      updateElements(p, b, g, n) { p, b, g in
        let gradient = g + decay * p
        b = momentum * b + gradient
        p -= rate * (gradient + momentum * b)
      }
    } else {
      updateElements(p, b, g, n) { p, b, g in
        b = momentum * b + (g + decay * p)
        p -= rate * b
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
    updateElements(p, m, v, g, n) { p, m, v, g in
      p *= shrink
      let gradient = g + decay * p
      m += firstWeight * (gradient - m)
      v = v * secondKept + secondWeight * gradient * gradient
      p -= stepSize * m / (v.squareRoot() / root + epsilon)
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
  var sums = SIMD16<Double>()
  var index = 0
  while index &+ laneCount <= n {
    let operand = load(x + index)
    var terms = SIMD16<Double>()
    for lane in 0..<laneCount { terms[lane] = Double(operand[lane]) }
    sums += terms * terms
    index &+= laneCount
  }
  var sum = sums.sum()
  while index < n {
    sum += Double(x[index]) * Double(x[index])
    index &+= 1
  }
  return sum
}

/// `f(&x[i], &y[i], z[i])`.
@inline(__always)
private func updateElements<Scalar: TensorScalar>(
  _ x: UnsafeMutablePointer<Scalar>, _ y: UnsafeMutablePointer<Scalar>,
  _ z: UnsafePointer<Scalar>, _ n: Int, _ function: (inout Scalar, inout Scalar, Scalar) -> Void
) {
  var index = 0
  while index &+ laneCount <= n {
    var first = load(x + index)
    var second = load(y + index)
    let third = load(z + index)
    for lane in 0..<laneCount { function(&first[lane], &second[lane], third[lane]) }
    store(first, to: x + index)
    store(second, to: y + index)
    index &+= laneCount
  }
  while index < n {
    function(&x[index], &y[index], z[index])
    index &+= 1
  }
}

/// `f(&x[i], &y[i], &z[i], w[i])`.
@inline(__always)
private func updateElements<Scalar: TensorScalar>(
  _ x: UnsafeMutablePointer<Scalar>, _ y: UnsafeMutablePointer<Scalar>,
  _ z: UnsafeMutablePointer<Scalar>, _ w: UnsafePointer<Scalar>, _ n: Int,
  _ function: (inout Scalar, inout Scalar, inout Scalar, Scalar) -> Void
) {
  var index = 0
  while index &+ laneCount <= n {
    var first = load(x + index)
    var second = load(y + index)
    var third = load(z + index)
    let fourth = load(w + index)
    for lane in 0..<laneCount {
      function(&first[lane], &second[lane], &third[lane], fourth[lane])
    }
    store(first, to: x + index)
    store(second, to: y + index)
    store(third, to: z + index)
    index &+= laneCount
  }
  while index < n {
    function(&x[index], &y[index], &z[index], w[index])
    index &+= 1
  }
}
