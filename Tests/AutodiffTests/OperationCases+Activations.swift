import Autodiff
import Tensors

extension OperationCase {
  /// Numbers from −4.05 to 7 in steps that miss the kinks of all activations.
  private static let wide = Tensor<Double>([5, 7], (0..<35).map { -4.05 + 0.325 * Double($0) })

  static let activations: [OperationCase] =
    Activation.allCases.map { activation in
      OperationCase("activation \(activation.rawValue)", Activate(activation), [wide])
    } + [
      OperationCase("leaky relu", LeakyReLU(slope: 0.1), [sample([4, 9])]),
      OperationCase("leaky relu, negative slope", LeakyReLU(slope: -0.3), [sample([4, 9])]),
      OperationCase("elu", ELU(alpha: 1.5), [sample([4, 9])]),
      OperationCase("prelu, one weight", PReLU(), [sample([4, 9]), sample([1], seed: 2)]),
      OperationCase("prelu, channels", PReLU(), [sample([2, 2, 5]), sample([5], seed: 2)]),
      OperationCase("softmax", Softmax(), [sample([3, 19])]),
      OperationCase("softmax, axis 1", Softmax(axis: 1), [sample([2, 3, 4])]),
      OperationCase("log-softmax", LogSoftmax(), [sample([3, 19])]),
      OperationCase("log-softmax, axis 0", LogSoftmax(axis: 0), [sample([3, 2, 2])]),
    ]
}
