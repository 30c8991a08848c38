import Autodiff
import Networks
import Splitting
import Tensors
import Testing

@Suite struct HeadAndTailTests {
  /// A small network with a skip connection, its batch statistics moved.
  private func network() throws -> Network {
    var network = try ResNet.narrow(depth: 8, classes: 5, inputShape: [12, 10, 3])
    network.initializeParameters(seed: 3)
    var random = RandomSource(seed: 9)
    for path in network.parameterPaths {
      let shape = network.parameters[path]?.shape ?? []
      if path.hasSuffix("running_mean") || path.hasSuffix("bias") {
        try network.setParameter(path, to: random.normal(shape, standardDeviation: 0.3))
      } else if path.hasSuffix("running_var") {
        try network.setParameter(path, to: random.uniform(shape, in: 0.5...2))
      }
    }
    return network
  }

  /// The length of the difference relative to the length of the first.
  private func relativeError(_ expected: [Double], _ found: [Double]) -> Double {
    let difference = zip(expected, found).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    return (difference / expected.reduce(0) { $0 + $1 * $1 }).squareRoot()
  }

  private func images(_ count: Int) -> Tensor<Float> {
    var random = RandomSource(seed: 1)
    return random.normal([count, 12, 10, 3])
  }

  @Test(arguments: ["relu", "layer1.0.conv1", "layer1", "layer2", "layer3"])
  func headAndTailEqualTheNetworkTheyAreMadeOf(cut: String) throws {
    let whole = try network()
    // A cut within a block is crossed by its shortcut.
    guard let parts = try? whole.cut(at: cut) else {
      #expect(cut == "layer1.0.conv1")
      return
    }
    let (head, tail) = (Head(parts.head), LocalTail(parts.tail))
    let latent = head(images(3))
    #expect(head.latentShape == parts.head.outputShape)
    #expect(tail.latentShape == head.latentShape)
    #expect(tail.classCount == 5)
    #expect(latent.shape == head.latentShape.prepending(3))
    #expect(
      relativeError(
        parts.head.predict(images(3)).scalars.map(Double.init), latent.scalars.map(Double.init))
        < 1e-5)
    #expect(
      relativeError(
        whole.predict(images(3)).scalars.map(Double.init),
        try tail.forward(latent).scalars.map(Double.init)) < 1e-5)
  }

  @Test func aHeadHasNoBatchNormLeft() throws {
    let parts = try network().cut(at: "layer1")
    let head = Head(parts.head)
    #expect(parts.head.nodes.contains { $0.kind == "batch_norm" })
    #expect(!head.network.nodes.contains { $0.kind == "batch_norm" })
  }

  /// The interface is for logits: with the softmax of a Keras network on top, cross-entropy would
  /// be taken of probabilities.
  @Test func aSoftmaxAtTheEndIsLeftOff() throws {
    let tail = try network().cut(at: "layer2").tail
    var softened = NetworkBuilder(shape: [5])
    let end = softened.add("softmax", SoftmaxLayer(), after: "input")
    let whole = try tail.followed(by: softened.network(name: "s", outputs: [end]), name: "soft")
    var random = RandomSource(seed: 4)
    let latent: Tensor<Float> = random.normal(tail.inputs[0].shape.prepending(2))
    #expect(try LocalTail(whole).forward(latent) == LocalTail(tail).forward(latent))
  }

  @Test func aServedTailAnswersAsItsFileAndLearnsByLogits() throws {
    let tail = try network().cut(at: "layer2").tail
    var random = RandomSource(seed: 4)
    let latent: Tensor<Float> = random.normal(tail.inputs[0].shape.prepending(2))
    for (ending, meaning) in [
      (SoftmaxLayer() as any Layer, OutputMeaning.probabilities),
      (ActivationLayer(.sigmoid), .independentProbabilities), (IdentityLayer(), .logits),
    ] {
      var builder = NetworkBuilder(shape: [5])
      let end = builder.add("end", ending, after: "input")
      let file = try tail.followed(by: builder.network(name: "s", outputs: [end]), name: "file")
      let answers = try ClassAnswers(of: file)
      let served = try LocalTail(answers)
      #expect(served.answerMeaning == meaning && served.answerLength == 5)
      #expect(try served.answers(latent) == Server(file)(latent)[0])
      #expect(try served.forward(latent) == LocalTail(answers.network).forward(latent))
      #expect(
        try served.backward(latent, labels: [0, 3]).loss
          == LocalTail(answers.network).backward(latent, labels: [0, 3]).loss)
    }
  }

  @Test func theLossIsTheMeanCrossEntropyAndItsGradientThatOfCentralDifferences() throws {
    let parts = try network().cut(at: "layer2")
    var random = RandomSource(seed: 6)
    let shape = parts.tail.inputs[0].shape.prepending(2)
    let latent: Tensor<Float> = random.uniform(shape, in: 0.2...1)
    let labels: [Int32] = [4, 1]
    let answer = try LocalTail(parts.tail).backward(latent, labels: labels)
    #expect(answer.latent.shape == shape)

    // The unfolded tail in Double.
    let executor = NetworkExecutor(parts.tail)
    let constants = parts.tail.constants(Double.self)
    let start = latent.converted(to: Double.self)
    func loss(_ latent: Tensor<Double>) -> Double {
      let logits = executor.run([Variable(latent)], parameters: constants).outputs[0]
      return logits.crossEntropy(labels).value.item
    }
    #expect(abs(Double(answer.loss) - loss(start)) < 1e-5 * loss(start))

    // Every 37th of the 960 elements; a step of 1e-5 errs by 1e-10 unless it crosses a kink.
    let step = 1e-5
    var expected: [Double] = []
    var found: [Double] = []
    let values = start.scalars
    for index in stride(from: 0, to: values.count, by: 37) {
      var (up, down) = (values, values)
      up[index] += step
      down[index] -= step
      expected.append((loss(Tensor(shape, up)) - loss(Tensor(shape, down))) / (2 * step))
      found.append(Double(answer.latent.scalars[index]))
    }
    #expect(expected.contains { abs($0) > 1e-4 })
    #expect(relativeError(expected, found) < 1e-4)
  }

  @Test func aTailRefusesWhatDoesNotFit() throws {
    let tail = LocalTail(try network().cut(at: "layer3").tail)
    #expect(tail.latentShape == [3, 3, 64])
    func zeros(_ shape: Shape) -> Tensor<Float> { Tensor(shape, repeating: 0) }
    // Without a batch axis, transposed, and another layer's.
    for shape: Shape in [[3, 3, 64], [2, 64, 3, 3], [2, 6, 5, 32], [2, 576]] {
      let error = TailError.latentShape(expected: [3, 3, 64], found: shape)
      #expect(throws: error) { try tail.forward(zeros(shape)) }
      #expect(throws: error) { try tail.backward(zeros(shape), labels: [0, 0]) }
    }
    for labels: [Int32] in [[], [0], [0, 1, 2]] {
      #expect(throws: TailError.labelCount(expected: 2, found: labels.count)) {
        try tail.backward(zeros([2, 3, 3, 64]), labels: labels)
      }
    }
    for label: Int32 in [-1, 5, .max] {
      #expect(throws: TailError.label(label, classCount: 5)) {
        try tail.backward(zeros([2, 3, 3, 64]), labels: [0, label])
      }
    }
    #expect(try tail.backward(zeros([2, 3, 3, 64]), labels: [0, 4]).loss > 0)
    #expect("\(TailError.label(7, classCount: 5))".contains("7"))
  }
}
