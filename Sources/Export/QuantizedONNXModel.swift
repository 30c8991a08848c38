public import Networks
internal import ONNXSchema
public import Tensors

/// A network as an ONNX model of 8-bit integers in QDQ form, with what its input and output bytes
/// mean.
public struct QuantizedONNXModel: Sendable {
  /// The model; its inputs and outputs are floats.
  public let model: ONNXModel

  /// The quantisation of the input.
  public let input: QuantizationParameters?

  /// The quantisation of the first output if it was asked for.
  public let output: QuantizationParameters?

  /// The first output of the network, in single precision, for each calibration batch.
  public let calibrationOutputs: [Tensor<Float>]

  /// Quantises a network: batch norms are folded, ranges of values are taken from samples.
  ///
  /// - Parameters:
  ///   - network: a network with one input and those of `sideInputs`.
  ///   - calibration: batches `[samples] + input` like those the model is to see.
  ///   - input: the quantisation of the input if it is fixed, as behind a quantised head.
  ///   - sideInputs: what the inputs behind the first lie between, in their order.
  ///   - quantizesOutput: whether the output, still floats, only takes numbers that bytes stand
  ///     for, as a head's should; the logits of a tail are better left exact.
  /// - Throws: ``ExportError``.
  public init(
    _ network: Network, calibration: [Tensor<Float>],
    options: QuantizationOptions = QuantizationOptions(),
    input: QuantizationParameters? = nil, sideInputs: [ClosedRange<Float>] = [],
    quantizesOutput: Bool = false
  ) throws(ExportError) {
    try options.validate()
    let network = network.folded().withSeparateActivations()
    let calibration = try Calibration(
      network, calibration, options.range, sideInputs: sideInputs)
    var parameters = calibration.parameters
    let inputName = network.inputs[0].name
    if let input { parameters[inputName] = input }
    let exact = network.nodes
      .filter { ($0.layer as? any ONNXLowerable)?.isExact ?? false }.map(\.name)
    for name in exact { parameters[name] = nil }
    var quantizer = GraphQuantizer(
      try GraphLowering.lower(network), parameters: parameters, exact: Set(exact),
      quantizesOutputs: quantizesOutput, options: options)
    model = ONNXModel(graph: quantizer.run())
    self.input = quantizer.parameters[inputName]
    output = quantizesOutput ? quantizer.parameters[network.outputs[0]] : nil
    calibrationOutputs = calibration.outputs
  }
}
