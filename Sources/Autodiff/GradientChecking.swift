package import Tensors

/// Compares an operation's pullback with central differences in Double.
///
/// The function that is differentiated is `Σ w · operation(inputs)` with random weights `w`. The
/// difference quotient is the central one of fourth order,
/// `(8 (f(x + h) − f(x − h)) − (f(x + 2h) − f(x − 2h))) / 12h`, so that neither its truncation
/// error (h⁴) nor the cancellation in it (10⁻¹⁶ / h) hides a relative error of 10⁻⁶.
package struct GradientCheck {
  /// The operation.
  package let operation: any Operation
  /// The point at which gradients are compared; at least 0.003 from any kink.
  package let inputs: [Tensor<Double>]
  /// For each input, whether its gradient is taken.
  package let requiring: [Bool]

  private let weights: Tensor<Double>
  private let step = 1e-3

  /// Creates a check of an operation at a point.
  package init(_ operation: any Operation, at inputs: [Tensor<Double>], requiring: [Bool]) {
    self.operation = operation
    self.inputs = inputs
    self.requiring = requiring
    var random = RandomSource(seed: 7, purpose: "gradient check")
    let value = operation.evaluate(inputs, requiring: inputs.map { _ in false }).value
    weights = random.uniform(value.shape, in: 0.5...1.5)
  }

  /// The gradients from the pullback, or `nil` if there is none.
  package func pullbackGradients(requiring flags: [Bool]) -> [Tensor<Double>?]? {
    operation.evaluate(inputs, requiring: flags).pullback?(weights)
  }

  /// The largest error of any partial derivative, relative to that derivative, or for tiny ones to
  /// a thousandth of the largest of the same input.
  package func elementError() -> Double {
    guard let gradients = pullbackGradients(requiring: requiring) else { return .infinity }
    var worst = 0.0
    for (position, gradient) in gradients.enumerated() where requiring[position] {
      guard let gradient, gradient.shape == inputs[position].shape else { return .infinity }
      let floor = 1e-3 * (gradient.scalars.map(\.magnitude).max() ?? 0) + 1e-12
      for (index, exact) in gradient.scalars.enumerated() {
        var direction = Tensor<Double>(inputs[position].shape, repeating: 0)
        direction.withUnsafeMutableBufferPointer { $0[index] = 1 }
        let difference = quotient { $0 == position ? direction : nil }
        let scale = max(exact.magnitude, difference.magnitude, floor)
        worst = max(worst, (exact - difference).magnitude / scale)
        if difference.isNaN || exact.isNaN { return .infinity }
      }
    }
    return worst
  }

  /// The relative error of the derivative along one random direction through all inputs at once.
  package func directionalError() -> Double {
    guard let gradients = pullbackGradients(requiring: requiring) else { return .infinity }
    var random = RandomSource(seed: 11, purpose: "gradient direction")
    var exact = 0.0
    var magnitude = 0.0
    var directions = [Tensor<Double>?](repeating: nil, count: inputs.count)
    for (position, gradient) in gradients.enumerated() where requiring[position] {
      guard let gradient else { return .infinity }
      let direction: Tensor<Double> = random.uniform(inputs[position].shape, in: -1...1)
      directions[position] = direction
      for (g, d) in zip(gradient.scalars, direction.scalars) {
        exact += g * d
        magnitude += (g * d).magnitude
      }
    }
    let difference = quotient { directions[$0] }
    let error = (exact - difference).magnitude / max(exact.magnitude, 1e-3 * magnitude, 1e-12)
    return error.isNaN ? .infinity : error
  }

  private func quotient(_ direction: (Int) -> Tensor<Double>?) -> Double {
    func value(_ distance: Double) -> Double {
      let moved = inputs.enumerated().map { position, input in
        guard let direction = direction(position) else { return input }
        return Tensor(
          input.shape, zip(input.scalars, direction.scalars).map { $0 + distance * $1 })
      }
      let result = operation.evaluate(moved, requiring: inputs.map { _ in false }).value
      return zip(result.scalars, weights.scalars).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let near = value(step) - value(-step)
    let far = value(2 * step) - value(-2 * step)
    return (8 * near - far) / (12 * step)
  }
}
