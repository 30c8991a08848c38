internal import RealModule

/// Cross-entropy of rows of logits with one label each.
package struct CrossEntropyKernel: Sendable {
  /// The class of each row.
  package let labels: [Int32]
  /// Rows with this label contribute nothing.
  package let ignoreIndex: Int32
  /// The share ε of the target that is spread evenly over all classes.
  package let labelSmoothing: Double
  /// A weight for each class; all one if `nil`.
  package let classWeights: [Double]?

  /// Creates the kernel.
  package init(
    labels: [Int32], ignoreIndex: Int32, labelSmoothing: Double, classWeights: [Double]?
  ) {
    self.labels = labels
    self.ignoreIndex = ignoreIndex
    self.labelSmoothing = labelSmoothing
    self.classWeights = classWeights
  }

  /// The sum of the weights of the labels that count: what a mean divides by.
  package var totalWeight: Double {
    labels.reduce(0) { sum, label in
      guard label != ignoreIndex else { return sum }
      return sum + (classWeights?[Int(label)] ?? 1)
    }
  }

  /// Writes the loss of each row, and the logarithm of the sum of exponentials of each row.
  ///
  /// loss = (1 − ε) w_y (L − x_y) + ε/C Σ_c w_c (L − x_c), with L = log Σ_c exp(x_c).
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func losses<Scalar: TensorScalar>(
    _ x: UnsafePointer<Scalar>, classes: Int, into losses: UnsafeMutablePointer<Scalar>,
    logSums: UnsafeMutablePointer<Scalar>
  ) {
    let smooth = Scalar(labelSmoothing) / Scalar(classes)
    let weights = classWeights.map { $0.map(Scalar.init) }
    let weightSum = weights?.reduce(0, +) ?? Scalar(classes)
    ThreadPool.current.forEachChunk(of: labels.count, grain: grain(classes)) { range in
      for row in range {
        let logits = x + row * classes
        guard labels[row] != ignoreIndex else {
          losses[row] = 0
          logSums[row] = 0
          continue
        }
        let largest = SoftmaxKernel.maximum(logits, count: classes)
        let total = sumElements(logits, count: classes) { Scalar.kernelExp($0 - largest) }
        let logSum = largest + Scalar.log(total)
        let label = Int(labels[row])
        var loss = (1 - Scalar(labelSmoothing)) * (weights?[label] ?? 1) * (logSum - logits[label])
        if smooth > 0 {
          var weighted: Scalar = 0
          if let weights {
            for index in 0..<classes { weighted += weights[index] * logits[index] }
          } else {
            weighted = sumElements(logits, count: classes) { $0 }
          }
          loss += smooth * (weightSum * logSum - weighted)
        }
        losses[row] = loss
        logSums[row] = logSum
      }
    }
  }

  /// Writes the gradient of the logits: of row `r`, times `scales[r]`.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func pullBack<Scalar: TensorScalar>(
    _ x: UnsafePointer<Scalar>, logSums: UnsafePointer<Scalar>, scales: UnsafePointer<Scalar>,
    classes: Int, into dx: UnsafeMutablePointer<Scalar>
  ) {
    let smooth = Scalar(labelSmoothing) / Scalar(classes)
    let weights = classWeights.map { $0.map(Scalar.init) }
    let weightSum = weights?.reduce(0, +) ?? Scalar(classes)
    ThreadPool.current.forEachChunk(of: labels.count, grain: grain(classes)) { range in
      for row in range {
        let gradient = dx + row * classes
        guard labels[row] != ignoreIndex else {
          gradient.update(repeating: 0, count: classes)
          continue
        }
        let label = Int(labels[row])
        let hit = (1 - Scalar(labelSmoothing)) * (weights?[label] ?? 1)
        let scale = scales[row]
        let factor = (hit + smooth * weightSum) * scale
        let logSum = logSums[row]
        let every = weights == nil ? smooth * scale : 0
        mapElements(x + row * classes, into: gradient, count: classes) {
          factor * Scalar.kernelExp($0 - logSum) - every
        }
        if let weights, smooth > 0 {
          for index in 0..<classes { gradient[index] -= smooth * weights[index] * scale }
        }
        gradient[label] -= hit * scale
      }
    }
  }

  /// The rows worth a thread; an exponential costs about eight simple operations.
  private func grain(_ classes: Int) -> Int { max(1, elementGrain / (8 * max(classes, 1))) }
}
