import Autodiff
import Glibc
import Networks
import Tensors
import Testing

/// What the numbers of an output mean, and the logits that losses are of.
@Suite struct ClassAnswersTests {
  /// A linear layer `fc` and layers behind it, one after the other.
  private func network(
    _ classes: Int, _ ending: [(String, any Layer)], beside: [(String, any Layer)] = []
  ) throws -> Network {
    var builder = NetworkBuilder(shape: [3])
    let body = builder.add("body", LinearLayer(3, 4), after: "input")
    var value = builder.add("fc", LinearLayer(4, classes), after: body)
    for (name, layer) in ending { value = builder.add(name, layer, after: value) }
    var other = body
    for (name, layer) in beside { other = builder.add(name, layer, after: other) }
    var network = try builder.network(
      name: "net", outputs: beside.isEmpty ? [value] : [other, value])
    network.initializeParameters(seed: 5)
    return network
  }

  private let input = Tensor<Float>([2, 3], [1, -2, 0.5, -0.25, 1.5, 2])
  private let labels: [Int32] = [1, 0]

  /// Negative logarithms of the labels' probabilities, on average.
  private func loss(_ probabilities: [[Float]]) -> Double {
    zip(probabilities, labels).reduce(0) { $0 - Double(log($1.0[Int($1.1)])) } / 2
  }

  private func crossEntropy(_ logits: Tensor<Float>) -> Double {
    Double(Variable(logits).crossEntropy(labels).value.item)
  }

  private func rows(_ tensor: Tensor<Float>) -> [[Float]] {
    (0..<tensor.shape[0]).map { row in
      Array(tensor.scalars[row * tensor.shape[1]..<(row + 1) * tensor.shape[1]])
    }
  }

  private static let passing: [[(String, any Layer)]] = [
    [("softmax", SoftmaxLayer())],
    [("softmax", SoftmaxLayer()), ("name", IdentityLayer())],
    [("softmax", SoftmaxLayer()), ("drop", DropoutLayer(rate: 0.5)), ("end", IdentityLayer())],
    [
      ("map", ReshapeLayer([1, 1, 3])), ("softmax", SoftmaxLayer()), ("flat", FlattenLayer()),
    ],
    [("row", ReshapeLayer([1, 3])), ("softmax", SoftmaxLayer()), ("end", ReshapeLayer([3]))],
  ]

  @Test(arguments: passing.indices)
  func aSoftmaxIsRecognizedBehindLayersThatChangeNothingButTheShape(index: Int) throws {
    let file = try network(3, Self.passing[index])
    let found = file.outputDescriptions
    #expect(found.map(\.meaning) == [.probabilities] && found.map(\.function) == ["softmax"])
    let answers = try ClassAnswers(of: file)
    #expect(answers.meaning == .probabilities && answers.network.outputShape == [3])
    #expect(!answers.network.nodes.contains { $0.layer is SoftmaxLayer })
    let probabilities = file.predict(input)
    #expect(abs(crossEntropy(answers.network.predict(input)) - loss(rows(probabilities))) < 1e-6)
    // The way back is exact.
    let restored = try answers.restored(in: answers.network)
    #expect(restored.outputs == file.outputs)
    #expect(restored.predict(input) == probabilities)
    #expect(restored.parameters == file.parameters)
  }

  /// Keras's categorical cross-entropy normalizes what is not a distribution.
  @Test func theLossOfSigmoidsIsThatOfTheirNormalizedValues() throws {
    let file = try network(3, [("sigmoid", ActivationLayer(.sigmoid)), ("end", IdentityLayer())])
    #expect(file.outputDescriptions[0].meaning == .independentProbabilities)
    let answers = try ClassAnswers(of: file, classCount: 3)
    let values = file.predict(input)
    let normalized = rows(values).map { row in row.map { $0 / row.reduce(0, +) } }
    #expect(abs(crossEntropy(answers.network.predict(input)) - loss(normalized)) < 1e-6)
    #expect(try answers.restored(in: answers.network).predict(input) == values)
    #expect(answers.remarks.count == 1)
  }

  @Test func aSingleSigmoidTellsTwoClassesAtOneHalf() throws {
    let file = try network(1, [("sigmoid", ActivationLayer(.sigmoid))])
    let answers = try ClassAnswers(of: file, classCount: 2)
    #expect(answers.network.outputShape == [2])
    let second = file.predict(input).scalars
    let logits = answers.network.predict(input)
    #expect(abs(crossEntropy(logits) - loss(second.map { [1 - $0, $0] })) < 1e-6)
    for (row, probability) in zip(rows(logits), second) {
      #expect((row[1] > row[0]) == (probability > 0.5))
    }
    #expect(try answers.restored(in: answers.network).predict(input).scalars == second)
  }

  @Test func aSigmoidWithinTheLastLayerIsRecognized() throws {
    let file = try network(3, [("sigmoid", ActivationLayer(.sigmoid))]).folded()
    try #require(file.nodes.last?.layer is LinearLayer)
    let answers = try ClassAnswers(of: file)
    #expect(answers.meaning == .independentProbabilities)
    let expected = file.predict(input)
    let restored = try answers.restored(in: answers.network)
    #expect(restored.outputs == file.outputs)
    #expect(relativeDifference(restored.predict(input), expected) < 1e-6)
  }

  @Test func rowsThatAreJoinedAreNoDistribution() throws {
    let file = try network(
      6, [("rows", ReshapeLayer([2, 3])), ("softmax", SoftmaxLayer()), ("flat", FlattenLayer())])
    #expect(file.outputDescriptions[0].meaning == .values)
    let answers = try ClassAnswers(of: file)
    #expect(answers.network == file)
  }

  @Test func aMapFromZeroToOneIsNotTakenForClasses() throws {
    let file = try network(
      12, [("map", ReshapeLayer([2, 2, 3])), ("sigmoid", ActivationLayer(.sigmoid))])
    #expect(file.outputDescriptions[0].meaning == .values)
  }

  @Test func anOutputBesideTheMeasuredOneIsKept() throws {
    let file = try network(
      3, [("softmax", SoftmaxLayer())],
      beside: [("aux", LinearLayer(4, 5)), ("bounded", ActivationLayer(.tanh))])
    #expect(file.outputDescriptions.map(\.meaning) == [.values, .probabilities])
    // The second output has as many numbers as there are classes.
    let answers = try ClassAnswers(of: file, classCount: 3)
    #expect(answers.measured == "softmax" && answers.network.outputs == ["fc", "bounded"])
    #expect(answers.remarks.joined().contains("bounded is kept"))
    let restored = try answers.restored(in: answers.network)
    #expect(restored.outputs == ["bounded", "softmax"])
    for output in restored.outputs {
      #expect(
        try restored.with(outputs: [output]).predict(input)
          == file.with(outputs: [output]).predict(input))
    }
    // Without a number of classes it is the first.
    #expect(try ClassAnswers(of: file).measured == "bounded")
    let chosen = try ClassAnswers(of: file, OutputChoice(measured: "bounded"), classCount: 3)
    #expect(chosen.measured == "bounded")
    #expect {
      try ClassAnswers(of: file, OutputChoice(measured: "sofmax"))
    } throws: {
      "\($0)".contains("did you mean 'softmax'?") && "\($0)".contains("bounded, softmax")
    }
  }

  @Test func aSoftmaxThatOthersReadStays() throws {
    var builder = NetworkBuilder(shape: [3])
    let logits = builder.add("fc", LinearLayer(3, 3), after: "input")
    let softmax = builder.add("softmax", SoftmaxLayer(), after: logits)
    let aux = builder.add("aux", LinearLayer(3, 2), after: softmax)
    var file = try builder.network(name: "net", outputs: [softmax, aux, logits])
    file.initializeParameters(seed: 2)
    let answers = try ClassAnswers(of: file)
    #expect(answers.network.outputs == ["fc", "aux"])
    #expect(answers.network.node(named: "softmax") != nil)
    let restored = try answers.restored(in: answers.network)
    #expect(restored.outputs == ["softmax", "aux", "fc"])
    #expect(restored.predict(input) == file.predict(input))
  }

  @Test(arguments: [1, 3])
  func aTailThatIsCutInFrontOfItsSigmoidIsRestored(classes: Int) throws {
    let file = try network(classes, [("sigmoid", ActivationLayer(.sigmoid))])
    let answers = try ClassAnswers(of: file)
    for cut in ["body", "fc"] {
      let (head, tail) = try answers.network.cut(at: cut)
      let whole = try answers.restored(in: tail)
      #expect(whole.outputs == ["sigmoid"])
      #expect(whole.predict(head.predict(input)) == file.predict(input))
      // A tail in a file of its own is understood alike.
      let own = try ClassAnswers(of: file.cut(at: cut).tail)
      #expect(own.meaning == .independentProbabilities)
      #expect(own.network.predict(head.predict(input)) == answers.network.predict(input))
    }
    // What does not begin with the logits stays as it is.
    let head = try answers.network.cut(at: "body").head
    #expect(try answers.restored(in: head) == head)
  }

  @Test func aMeaningThatLayersDoNotShowIsTakenFromTheChoice() throws {
    // The mean of two distributions is one, which no last layer shows.
    var builder = NetworkBuilder(shape: [3])
    let halves = ["a", "b"].map { name in
      let logits = builder.add(name, LinearLayer(3, 3), after: "input")
      let softmax = builder.add("\(name).softmax", SoftmaxLayer(), after: logits)
      return builder.add("\(name).half", ScaleShiftLayer(scale: 0.5), after: softmax)
    }
    let mean = builder.add("mean", AddLayer(), inputs: halves)
    var file = try builder.network(name: "net", outputs: [mean])
    file.initializeParameters(seed: 8)
    let values = file.predict(input)
    let answers = try ClassAnswers(of: file, OutputChoice(meaning: .probabilities))
    #expect(abs(crossEntropy(answers.network.predict(input)) - loss(rows(values))) < 1e-6)
    #expect(try answers.restored(in: answers.network) == file)
    #expect(throws: OutputError.noClasses(output: "mean")) {
      try ClassAnswers(of: file, OutputChoice(meaning: .values))
    }
  }

  @Test func aSingleNumberIsALogitOrAProbabilityIfTheChoiceSaysSo() throws {
    let file = try network(1, [])
    let values = file.predict(input).scalars
    #expect(try ClassAnswers(of: file, classCount: 2).network.outputShape == [1])
    let logit = try ClassAnswers(of: file, OutputChoice(meaning: .logits), classCount: 2)
    #expect(logit.network.predict(input).scalars == [0, values[0], 0, values[1]])
    #expect(throws: OutputError.singleProbability(output: "fc")) {
      try ClassAnswers(of: file, OutputChoice(meaning: .probabilities))
    }
    // A product of probabilities, for example.
    let squared = try network(
      1, [("s", ActivationLayer(.sigmoid)), ("h", ScaleShiftLayer(scale: 0.5))])
    let halves = squared.predict(input).scalars
    let pair = try ClassAnswers(of: squared, OutputChoice(meaning: .independentProbabilities))
    #expect(
      abs(crossEntropy(pair.network.predict(input)) - loss(halves.map { [1 - $0, $0] })) < 1e-6)
  }

  @Test func logitsOfAnswersAreThoseOfTheNetwork() throws {
    for (classes, layer) in [
      (3, SoftmaxLayer() as any Layer), (3, ActivationLayer(.sigmoid)),
      (1, ActivationLayer(.sigmoid)),
    ] {
      let file = try network(classes, [("end", layer)])
      let answers = try ClassAnswers(of: file)
      let logits = answers.meaning.logits(of: file.predict(input))
      #expect(logits.shape == answers.network.outputShape.prepending(2))
      #expect(abs(crossEntropy(logits) - crossEntropy(answers.network.predict(input))) < 1e-5)
    }
    // Probabilities that have become 0 are of a finite logit.
    let zeros = OutputMeaning.probabilities.logits(of: Tensor([1, 2], [0, 1])).scalars
    #expect(zeros.allSatisfy(\.isFinite) && zeros[0] < -80)
  }

  // MARK: - Averages of probabilities

  /// Two classifiers of one input whose probabilities are averaged, as by Keras's `Average`.
  private func ensemble(_ function: any Layer, scale: Double = 0.5) throws -> Network {
    var builder = NetworkBuilder(shape: [3])
    let members = ["a", "b"].map { name in
      builder.add(
        "\(name)_answer", function,
        after: builder.add(name, LinearLayer(3, 3), after: "input"))
    }
    let sum = builder.add("sum", AddLayer(), inputs: members)
    let mean = builder.add("mean", ScaleShiftLayer(scale: scale), after: sum)
    var network = try builder.network(name: "ensemble", outputs: [mean])
    network.initializeParameters(seed: 4)
    return network
  }

  @Test func anAverageOfProbabilitiesIsOne() throws {
    let file = try ensemble(SoftmaxLayer())
    #expect(file.outputDescriptions[0].meaning == .probabilities)
    let answers = try ClassAnswers(of: file)
    let expected = loss(rows(file.predict(input)))
    #expect(abs(crossEntropy(answers.network.predict(input)) - expected) < 1e-5)
    let sigmoids = try ensemble(ActivationLayer(.sigmoid))
    #expect(sigmoids.outputDescriptions[0].meaning == .independentProbabilities)
    // A sum that is no average is none.
    #expect(try ensemble(SoftmaxLayer(), scale: 1).outputDescriptions[0].meaning == .logits)
  }

  @Test func probabilitiesOfPixelsThatAreAveragedAreThoseOfTheImage() throws {
    var builder = NetworkBuilder(shape: [4, 4, 3])
    let maps = builder.add("maps", ConvolutionLayer(3, 5, kernel: 1), after: "input")
    let softmax = builder.add("softmax", SoftmaxLayer(), after: maps)
    let pool = builder.add("pool", GlobalAveragePoolLayer(), after: softmax)
    let network = try builder.network(name: "pixels", outputs: [pool])
    #expect(network.outputDescriptions[0].meaning == .probabilities)
  }
}
