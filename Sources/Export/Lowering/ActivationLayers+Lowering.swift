internal import Networks
internal import Tensors

extension Activation {
  /// Appends the activation of a value.
  ///
  /// - Returns: the name of the result, `output`.
  @discardableResult
  func lower(
    _ input: String, output: String, into graph: inout GraphLowering
  ) -> String {
    switch self {
    case .relu: graph.add("Relu", [input], output: output)
    case .relu6:
      graph.add(
        "Clip",
        [
          input, graph.constant("\(output)/min", Tensor(0)),
          graph.constant("\(output)/max", Tensor(6)),
        ], output: output)
    case .selu:
      graph.add(
        "Selu", [input], output: output,
        ["alpha": .float(1.673_263_242_354_377_2), "gamma": .float(1.050_700_987_355_480_5)])
    case .silu:
      graph.add(
        "Mul",
        [input, graph.add("Sigmoid", [input], output: graph.unique("\(output)/sigmoid"))],
        output: output)
    case .hardSwish: graph.add("HardSwish", [input], output: output)
    case .hardSigmoid:
      graph.add(
        "HardSigmoid", [input], output: output, ["alpha": .float(1.0 / 6), "beta": .float(0.5)])
    case .gelu: graph.add("Gelu", [input], output: output)
    case .geluTanh:
      graph.add("Gelu", [input], output: output, ["approximate": .string("tanh")])
    case .sigmoid: graph.add("Sigmoid", [input], output: output)
    case .tanh: graph.add("Tanh", [input], output: output)
    case .softplus: graph.add("Softplus", [input], output: output)
    }
  }
}

extension ActivationLayer: ONNXLowerable {
  package func lower(_ site: LoweringSite, into graph: inout GraphLowering) -> String {
    activation.lower(site.input, output: site.name, into: &graph)
  }
}

extension LeakyReLULayer: ONNXLowerable {
  package func lower(_ site: LoweringSite, into graph: inout GraphLowering) -> String {
    graph.add("LeakyRelu", [site.input], output: site.name, ["alpha": .float(slope)])
  }
}

extension ELULayer: ONNXLowerable {
  package func lower(_ site: LoweringSite, into graph: inout GraphLowering) -> String {
    graph.add("Elu", [site.input], output: site.name, ["alpha": .float(alpha)])
  }
}

extension PReLULayer: ONNXLowerable {
  package func lower(_ site: LoweringSite, into graph: inout GraphLowering) -> String {
    let shape = channels == 1 ? [1] : site.inputLayout.channelBroadcast
    let slope = graph.constant(site.inner("weight"), site.parameters[0].reshaped(to: shape))
    return graph.add("PRelu", [site.input, slope], output: site.name)
  }
}

extension SoftmaxLayer: ONNXLowerable {
  package func lower(_ site: LoweringSite, into graph: inout GraphLowering) -> String {
    graph.add(
      "Softmax", [site.input], output: site.name,
      ["axis": .int(site.inputLayout.channelAxis)])
  }
}

extension LogarithmLayer: ONNXLowerable {
  package func lower(_ site: LoweringSite, into graph: inout GraphLowering) -> String {
    let floor = graph.constant(site.inner("floor"), Tensor(Float(floor)))
    let bounded = graph.add(
      "Clip", [site.input, floor], output: graph.unique(site.inner("bounded")))
    return graph.add("Log", [bounded], output: site.name)
  }
}

extension DropoutLayer: ONNXLowerable {
  // Nothing is dropped in inference.
  package func lower(_ site: LoweringSite, into graph: inout GraphLowering) -> String {
    site.input
  }
}

extension IdentityLayer: ONNXLowerable {
  package func lower(_ site: LoweringSite, into graph: inout GraphLowering) -> String {
    site.input
  }
}

extension ScaleShiftLayer: ONNXLowerable {
  package func lower(_ site: LoweringSite, into graph: inout GraphLowering) -> String {
    var value = site.input
    if scale != 1 {
      let factor = graph.constant(site.inner("scale"), Tensor(Float(scale)))
      let output = shift == 0 ? site.name : graph.unique(site.inner("scaled"))
      value = graph.add("Mul", [value, factor], output: output)
    }
    if shift != 0 {
      let summand = graph.constant(site.inner("shift"), Tensor(Float(shift)))
      value = graph.add("Add", [value, summand], output: site.name)
    }
    return value
  }
}

extension AbsoluteLayer: ONNXLowerable {
  package func lower(_ site: LoweringSite, into graph: inout GraphLowering) -> String {
    graph.add("Abs", [site.input], output: site.name)
  }
}
