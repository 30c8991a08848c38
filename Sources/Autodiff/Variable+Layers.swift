public import Tensors

extension Variable {
  /// An activation of every element.
  public func activated(_ activation: Activation) -> Variable {
    Variable.apply(Activate(activation), [self])
  }

  /// `max(x, 0)` of every element.
  public func relu() -> Variable { activated(.relu) }

  /// The logistic function of every element.
  public func sigmoid() -> Variable { activated(.sigmoid) }

  /// The softmax along an axis.
  public func softmax(axis: Int = -1) -> Variable { Variable.apply(Softmax(axis: axis), [self]) }

  /// The logarithm of the softmax along an axis.
  public func logSoftmax(axis: Int = -1) -> Variable {
    Variable.apply(LogSoftmax(axis: axis), [self])
  }

  /// The same elements under another shape, in which one extent may be −1.
  public func reshaped(_ dimensions: Int...) -> Variable {
    Variable.apply(Reshape(dimensions), [self])
  }

  /// All axes from one on merged into one.
  public func flattened(fromAxis axis: Int = 1) -> Variable {
    Variable.apply(Flatten(fromAxis: axis), [self])
  }

  /// The axes in another order: axis `i` of the result is axis `permutation[i]`.
  public func transposed(_ permutation: Int...) -> Variable {
    Variable.apply(Transpose(permutation), [self])
  }

  /// Variables joined along an axis, by default channels.
  public static func concatenated(_ parts: [Variable], axis: Int = -1) -> Variable {
    apply(Concatenate(axis: axis), parts)
  }

  /// The elements of a range along one axis.
  public func sliced(axis: Int, _ range: Range<Int>) -> Variable {
    Variable.apply(StridedSlice(axis: axis, range, of: shape), [self])
  }

  /// Images at another size in pixels.
  public func resized(height: Int, width: Int, mode: ResizeMode) -> Variable {
    Variable.apply(Resize(height: height, width: width, mode: mode), [self])
  }

  /// Entries of this table, `[entries, ...]`, by index.
  public func rows(at indices: [Int32], shape: Shape? = nil) -> Variable {
    Variable.apply(GatherRows(indices, shape: shape), [self])
  }

  /// Each channel of each image normalised over its positions, then weight and bias if given.
  public func instanceNormalized(
    weight: Variable? = nil, bias: Variable? = nil, epsilon: Double = 1e-5
  ) -> Variable {
    let affine = if let weight, let bias { [weight, bias] } else { [Variable]() }
    return Variable.apply(GroupNorm(groups: shape[-1], epsilon: epsilon), [self] + affine)
  }

  /// The mean cross-entropy of these logits with labels, a scalar.
  public func crossEntropy(
    _ labels: [Int32], ignoreIndex: Int32 = -100, labelSmoothing: Double = 0
  ) -> Variable {
    Variable.apply(
      CrossEntropy(labels: labels, ignoreIndex: ignoreIndex, labelSmoothing: labelSmoothing),
      [self])
  }

  /// The mean squared difference from a target of the same shape, a scalar.
  public func meanSquaredError(_ target: Variable) -> Variable {
    Variable.apply(MeanSquaredError(), [self, target])
  }
}
