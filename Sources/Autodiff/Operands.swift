internal import Tensors

/// The two operands of a binary operation.
func pair<Scalar>(
  _ inputs: [Tensor<Scalar>], _ name: String
) -> (Tensor<Scalar>, Tensor<Scalar>) {
  precondition(inputs.count == 2, "\(name): \(inputs.count) inputs, 2 are needed")
  return (inputs[0], inputs[1])
}

/// The only operand of a unary operation.
func single<Scalar>(_ inputs: [Tensor<Scalar>], _ name: String) -> Tensor<Scalar> {
  precondition(inputs.count == 1, "\(name): \(inputs.count) inputs, 1 is needed")
  return inputs[0]
}

/// `−x` of every element.
func negated<Scalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
  UnaryFunction.affine(scale: -1, shift: 0).applied(to: x)
}

/// `factor · x` of every element.
func scaled<Scalar>(_ x: Tensor<Scalar>, by factor: Double) -> Tensor<Scalar> {
  factor == 1 ? x : UnaryFunction.affine(scale: factor, shift: 0).applied(to: x)
}

/// Value and pullback of the larger or smaller of two operands.
///
/// - Parameter share: the share of the gradient that goes to the first of its arguments.
func evaluateExtremum<Scalar>(
  _ function: BinaryFunction, share: BinaryFunction, _ a: Tensor<Scalar>, _ b: Tensor<Scalar>,
  requiring: [Bool]
) -> Evaluation<Scalar> {
  let value = function.applied(a, b)
  guard requiring.contains(true) else { return Evaluation(value) }
  return Evaluation(value) { gradient in
    func part(_ own: Tensor<Scalar>, _ other: Tensor<Scalar>) -> Tensor<Scalar> {
      BinaryFunction.multiply.applied(gradient, share.applied(own, other))
        .unbroadcast(to: own.shape)
    }
    return [requiring[0] ? part(a, b) : nil, requiring[1] ? part(b, a) : nil]
  }
}

extension UnaryFunction {
  /// Value and pullback of the function; the pullback keeps what ``retention`` names.
  func evaluate<Scalar>(
    _ inputs: [Tensor<Scalar>], requiring: [Bool], name: String
  ) -> Evaluation<Scalar> {
    let x = single(inputs, name)
    let value = applied(to: x)
    guard requiring[0] else { return Evaluation(value) }
    switch retention {
    case .nothing: return Evaluation(value) { [self.pulledBack($0, retained: $0)] }
    case .input: return Evaluation(value) { [self.pulledBack($0, retained: x)] }
    case .output: return Evaluation(value) { [self.pulledBack($0, retained: value)] }
    }
  }
}
