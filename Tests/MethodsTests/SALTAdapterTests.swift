import Autodiff
import Datasets
import Methods
import Networks
import Splitting
import Tensors
import Testing
import Training

@Suite struct SALTAdapterTests {
  private func adapter(
    _ shape: Shape, isResidual: Bool = true, lastKernel: Int = 3, zero: Bool = true
  ) throws -> Network {
    try SALTAdapter.network(
      shape: shape, isResidual: isResidual, lastKernel: lastKernel, zeroInitialization: zero,
      seed: 1)
  }

  /// On 128 channels a 3×3 convolution has 128·128·9 + 128 = 147,584 parameters, a 1×1 one
  /// 128·128 + 128 = 16,512, and a batch norm 2·128 = 256 besides its 256 statistics.
  ///
  ///     last 3×3: 3 · 147,584 + 2 · 256          = 443,264
  ///     last 1×1: 2 · 147,584 + 16,512 + 2 · 256 = 312,192
  @Test(arguments: [(3, 443_264), (1, 312_192)], [true, false])
  func theAdapterHasThePublishedSize(_ size: (kernel: Int, parameters: Int), isResidual: Bool)
    throws
  {
    let network = try adapter([8, 8, 128], isResidual: isResidual, lastKernel: size.kernel)
    let trained = Freezing.none(network).trainable(in: network)
      .reduce(0) { $0 + (network.parameters[$1]?.count ?? 0) }
    #expect(trained == size.parameters)
    #expect(network.parameterCount == size.parameters + 2 * 256)
    #expect(network.outputShape == [8, 8, 128])
  }

  /// The latent has 8·8·128 = 8,192 elements, each a sum of 128·9 = 1,152 products:
  /// 9,437,184 a convolution, 28,311,552 for three. The published 28.39 M also counts what is done
  /// once an element: three biases, two batch norms of two operations and two ReLUs, 9 · 8,192:
  ///
  ///     28,311,552 + 73,728 = 28,385,280
  ///
  /// With a 1×1 window at the end: 2 · 9,437,184 + 8,192 · 128 = 19,922,944.
  @Test(arguments: [(3, 28_311_552), (1, 19_922_944)])
  func theAdapterCostsThePublishedOperations(_ size: (kernel: Int, macs: Int)) throws {
    let network = try adapter([8, 8, 128], lastKernel: size.kernel)
    #expect(network.cost.macs == size.macs)
    if size.kernel == 3 { #expect(network.cost.macs + 9 * 8 * 8 * 128 == 28_385_280) }
  }

  @Test func layersAreThoseOfThePaper() throws {
    let kinds = try adapter([4, 4, 8]).nodes.map(\.kind)
    let block = ["conv2d", "batch_norm", "activation"]
    #expect(kinds == block + block + ["conv2d", "add"])
    #expect(
      try adapter([4, 4, 8], isResidual: false).nodes.map(\.kind) == block + block + ["conv2d"])
  }

  @Test func aResidualAdapterBeginsAsTheIdentityBitForBit() throws {
    var random = RandomSource(seed: 2)
    let latent: Tensor<Float> = random.normal([3, 4, 4, 8])
    let network = try adapter([4, 4, 8])
    // As it is deployed (folded), as it is, and as it is trained.
    #expect(Head(network)(latent) == latent)
    #expect(network.predict(latent) == latent)
    #expect(trainingPass(network)(latent)[0].value == latent)
    #expect(try adapter([4, 4, 8], zero: false).predict(latent) != latent)
    #expect(try adapter([4, 4, 8], isResidual: false).predict(latent) != latent)
  }

  /// With zeros there too an insertion adapter would send nothing and learn slowly.
  @Test func anInsertionAdapterDoesNotBeginWithZeros() throws {
    let weight = try adapter([4, 4, 8], isResidual: false).parameters["adapter.conv3.weight"]
    #expect(weight?.scalars.contains { $0 != 0 } == true)
  }

  @Test func aLatentWithoutRowsAndColumnsIsRefused() {
    #expect(throws: SALTError.latentIsNoImage([64])) { try adapter([64]) }
    #expect("\(SALTError.latentIsNoImage([64]))".contains("choose an earlier cut"))
  }
}

@Suite struct SALTBeginningTests {
  /// Step 0 of a residual adapter is the original system.
  @Test func stepZeroGivesTheLogitsOfTheOriginalBitForBit() throws {
    let bench = try Workbench()
    let method = try bench.salt()
    let images = try bench.setting.data.test().pixels(at: Array(0..<20))
    let latent = Head(bench.head)(try bench.transform(images))
    let tail = LocalTail(bench.tail)
    let original = try tail.forward(latent)
    #expect(try tail.forward(Head(method.network)(latent)) == original)
    // And with the adapter fused to the head, as it goes onto the device.
    let device = Head(try method.parts(method.network).device)
    let fused = try tail.forward(device(bench.transform(images)))
    #expect(fused == original)
    // The logits differ between images, so that equality says something.
    #expect(original.rows(0..<1) != original.rows(1..<2))
  }

  @Test func theReportOfStepZeroHasTheSameRowsTwice() throws {
    var bench = try Workbench()
    bench.data.classes = [.index(0), .index(3)]
    let method = try bench.salt()
    let report = try method.evaluate(method.network)
    #expect(
      report.comparisons.map(\.name) == [
        "original", "original, masked", "residual", "residual, masked",
      ])
    let users = report.comparisons.map(\.userAccuracy)
    #expect(users[0] == users[2] && users[1] == users[3])
    #expect(report.accuracy == users[2])
    // The values, and 15 bytes around them.
    #expect(report.split?.uplinkBytes == 16 * 16 * 16 * 4 + 15)
  }
}
