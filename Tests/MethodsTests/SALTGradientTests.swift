import Autodiff
import Methods
import Networks
import Splitting
import Tensors
import Testing
import Training

/// What comes back through the tail's interface trains the adapter as if the whole network were
/// differentiated at once.
@Suite struct SALTGradientTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var variant = SALTConfiguration.Variant.residual
    var loss = 0.0
    var noise = 0.0
    var placement = Link.NoisePlacement.afterAdapter
    var trainLoss: [Double]?
  }

  static let cases = [
    Case(testDescription: "residual"),
    Case(testDescription: "insertion", variant: .insertion),
    Case(testDescription: "lost elements", loss: 0.5),
    Case(testDescription: "insertion, lost elements", variant: .insertion, loss: 0.75),
    Case(testDescription: "noise after the adapter", loss: 0.25, noise: 0.5),
    Case(testDescription: "noise before it", noise: 0.5, placement: .beforeAdapter),
    Case(testDescription: "losses drawn batch by batch", trainLoss: [0.5]),
  ]

  @Test(arguments: cases) func theGradientEqualsThatOfTheWholeNetwork(_ example: Case) throws {
    var bench = try Workbench()
    bench.link = try Link(
      loss: example.loss, noise: example.noise, noisePlacement: example.placement)
    var configuration = SALTConfiguration(variant: example.variant)
    // Otherwise nothing but the last convolution has a gradient in the first step.
    configuration.zeroInitialization = false
    configuration.trainLoss = example.trainLoss
    let method = try bench.salt(configuration)
    let (latents, labels) = try bench.latents()
    let batch = TrainingBatch(
      index: 0, samples: Array(labels.indices), inputs: latents, labels: labels)
    let pass = trainingPass(method.network, seed: 77)
    let loss = try method.step(batch, pass)

    // The same draw of the channel, then one graph from the adapter's input to the loss.
    var random = RandomSource(seed: 77, purpose: "channel")
    if example.trainLoss != nil { _ = random.uniform() }
    let channel = ChannelNoise(
      try bench.link.with(loss: example.trainLoss?[0] ?? example.loss))
    let input = channel.beforeAdapter(latents, using: &random)
    let whole = trainingPass(method.network, seed: 77)
    let sent = whole(input)[0]
    let received = channel.transmit(sent.value, using: &random)
    var arrived = sent
    if example.noise > 0, example.placement == .afterAdapter {
      let noisy = received.latent
      let lossless = received.mask ?? Tensor(noisy.shape, repeating: 1)
      // z' + n where it arrives: n is what was added there.
      arrived =
        sent
        + Variable(
          Tensor(
            noisy.shape,
            zip(zip(noisy.scalars, sent.value.scalars), lossless.scalars).map {
              $1 == 0 ? 0 : $0.0 - $0.1
            }))
    }
    if let mask = received.mask { arrived = arrived * Variable(mask) }
    let tail = bench.tail.folded()
    let logits = NetworkExecutor(tail).run([arrived], parameters: tail.constants(Float.self))
      .outputs[0]
    let expected = logits.crossEntropy(labels)
    expected.backward()

    #expect(abs(loss - Double(expected.value.item)) <= 1e-6 * abs(loss))
    for (path, (left, right)) in zip(
      method.network.parameterPaths, zip(whole.parameters, pass.parameters))
    {
      guard method.network.specifications[path]?.role != .statistic else {
        #expect(left.gradient == nil && right.gradient == nil, "\(path)")
        continue
      }
      let (left, right) = (try #require(left.gradient), try #require(right.gradient))
      // A bias in front of a batch norm has no gradient but rounding.
      if path.hasSuffix("conv1.bias") || path.hasSuffix("conv2.bias") { continue }
      #expect(left.scalars.contains { $0 != 0 }, "\(path)")
      #expect(relativeError(left, right) <= 1e-6, "\(path)")
    }
    if example.loss > 0 || example.trainLoss != nil { #expect(received.mask != nil) }
  }

  /// What was lost has no influence, so that its gradient must not arrive: with everything lost,
  /// nothing is trained.
  @Test func whatIsLostIsNotTrained() throws {
    var bench = try Workbench()
    bench.link = try Link(loss: 1)
    let method = try bench.salt()
    let (latents, labels) = try bench.latents()
    let pass = trainingPass(method.network)
    _ = try method.step(
      TrainingBatch(index: 0, samples: Array(labels.indices), inputs: latents, labels: labels),
      pass)
    for parameter in pass.parameters {
      #expect(parameter.gradient?.scalars.allSatisfy { $0 == 0 } ?? true)
    }
  }

  /// A mixture of losses is drawn anew for every batch.
  @Test func lossesAreDrawnFromTheListBatchByBatch() throws {
    let bench = try Workbench()
    var configuration = SALTConfiguration()
    configuration.trainLoss = [0, 1]
    let method = try bench.salt(configuration)
    let (latents, labels) = try bench.latents()
    let batch = TrainingBatch(
      index: 0, samples: Array(labels.indices), inputs: latents, labels: labels)
    let losses = try Set(
      (0..<12).map { try method.step(batch, trainingPass(method.network, seed: $0)) })
    // All arrives or nothing does.
    #expect(losses.count == 2)
  }
}
