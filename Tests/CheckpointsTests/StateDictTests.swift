import Checkpoints
import HDF5
import Networks
import Tensors
import Testing

@Suite struct StateDictTests {
  /// ResNet-8 with parameters that differ from each other everywhere.
  func network(classes: Int = 7) throws -> Network {
    var network = try Architecture.named("resnet8").network(classes: classes)
    var random = RandomSource(seed: 3)
    for path in network.parameterPaths {
      let shape = network.parameters[path]?.shape ?? []
      try network.setParameter(path, to: random.uniform(shape, in: 0.5...1))
    }
    return network
  }

  /// Rewrites a file of a state dictionary with other names or content.
  func rewritten(
    _ source: String, to target: String,
    _ change: (String, [Float], [Int]) -> (String, [Float], [Int])?
  ) throws {
    let original = try HDF5File(reading: source)
    let file = try HDF5File(creating: target)
    for path in try original.datasetPaths() {
      let dataset = try original.dataset(path)
      guard
        let (name, values, shape) = change(path, try dataset.read(as: Float.self), dataset.shape)
      else { continue }
      try file.write(values, to: name, shape: shape)
    }
    try file.close()
  }

  @Test func parametersReturnFromAStateDictionary() throws {
    let directory = try TemporaryDirectory()
    let network = try network()
    try Checkpoint(network: network).writeStateDict(to: directory.file())
    let read = try Checkpoint.read(directory.file(), architecture: "resnet8")
    #expect(read.network == network)
    // [out, in, height, width] in the file, [height, width, in, out] here.
    let file = try HDF5File(reading: directory.file())
    let weight = try file.dataset("layer2/0/conv1/weight")
    #expect(weight.shape == [32, 16, 3, 3])
    let value = try weight.read(as: Float.self)[offset([5, 3, 2, 1], in: [32, 16, 3, 3])]
    let own = try #require(network.parameters["layer2.0.conv1.weight"])
    #expect(own.scalars[offset([2, 1, 3, 5], in: [3, 3, 16, 32])] == value)
    #expect(try file.dataset("linear/weight").shape == [7, 64])
  }

  @Test func namesMayKeepTheirDotsAndWrappers() throws {
    let directory = try TemporaryDirectory()
    let network = try network()
    try Checkpoint(network: network).writeStateDict(to: directory.file("a.h5"))
    try rewritten(directory.file("a.h5"), to: directory.file("b.h5")) { path, values, shape in
      ("module." + path.split(separator: "/").joined(separator: "."), values, shape)
    }
    let read = try Checkpoint.read(directory.file("b.h5"), architecture: "resnet8")
    #expect(read.network == network)
    let file = try HDF5File(creating: directory.file("c.h5"))
    let original = try HDF5File(reading: directory.file("a.h5"))
    for path in try original.datasetPaths() {
      let dataset = try original.dataset(path)
      try file.write(
        try dataset.read(as: Double.self), to: "state_dict/" + path, shape: dataset.shape)
    }
    try file.write([Int64(3)], to: "state_dict/bn1/num_batches_tracked", shape: [])
    try file.close()
    let doubles = try Checkpoint.read(directory.file("c.h5"), architecture: "resnet8")
    #expect(doubles.network == network)
  }

  @Test func anArchitectureIsNeededAndMustExist() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file()
    try Checkpoint(network: try network()).writeStateDict(to: path)
    #expect(
      readError(path) == .architectureNeeded(file: path, known: Architecture.all.map(\.name)))
    #expect(
      readError(path, architecture: "resnet9")
        == .network(
          file: path,
          .unknownArchitecture(
            name: "resnet9", known: Architecture.all.map(\.name) + ["mlp-40-40"])))
    #expect("\(readError(path) as Any)".contains("resnet20, "))
  }

  @Test func missingAndExtraNamesAreListedWithTheirNearest() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("b.h5")
    try Checkpoint(network: try network()).writeStateDict(to: directory.file("a.h5"))
    try rewritten(directory.file("a.h5"), to: path) { name, values, shape in
      (name == "bn1/bias" ? "bn1/bais/bias" : name, values, shape)
    }
    #expect(
      readError(path, architecture: "resnet8")
        == .missingParameters(file: path, [.init("bn1.bias", nearest: nil)])
        || "\(readError(path, architecture: "resnet8") as Any)".contains("bn1.bais.bias"))
    try rewritten(directory.file("a.h5"), to: path) { name, values, shape in
      (name == "layer1/0/bn1/bias" ? "layer1/0/bn3/bias" : name, values, shape)
    }
    #expect(
      readError(path, architecture: "resnet8")
        == .missingParameters(
          file: path, [.init("layer1.0.bn1.bias", nearest: "layer1.0.bn3.bias")]))
    guard
      case .missingParameters(path, let names) = readError(path, architecture: "resnet20")
    else {
      Issue.record("a deeper network was read from a shallower one's parameters")
      return
    }
    #expect(names.count == 2 * 2 * 5 * 3 + 1)
  }

  @Test func extraParametersAreRefused() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("b.h5")
    var deep = try Architecture.named("resnet20").network(classes: 2)
    deep.initializeParameters(seed: 1)
    try Checkpoint(network: deep).writeStateDict(to: path)
    guard
      case .unexpectedParameters(path, let names) = readError(path, architecture: "resnet8")
    else {
      Issue.record("half of a network was read")
      return
    }
    #expect(names.count == 2 * 2 * 5 * 3)
  }

  @Test func aWrongShapeIsReportedAsTheFileHasIt() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("b.h5")
    try Checkpoint(network: try network()).writeStateDict(to: directory.file("a.h5"))
    try rewritten(directory.file("a.h5"), to: path) { name, values, shape in
      (name, values, name == "conv1/weight" ? [16, 3, 1, 9] : shape)
    }
    #expect(
      readError(path, architecture: "resnet8")
        == .shape(
          file: path, object: "/conv1/weight", expected: [16, 3, 3, 3], found: [16, 3, 1, 9]))
  }

  @Test(arguments: [("resnet8", 1, 28), ("resnet8", 5, 32), ("lenet-strided", 3, 16)])
  func channelsAreTheFilesAndTheSizeIsTheImages(name: String, channels: Int, size: Int) throws {
    let directory = try TemporaryDirectory()
    let path = directory.file()
    var network = try Architecture.named(name)
      .network(classes: 6, inputShape: [size, size, channels])
    network.initializeParameters(seed: 4)
    try Checkpoint(network: network).writeStateDict(to: path)
    // Images of other channels tell the size alone.
    for other in [channels, channels + 1] {
      let read = try Checkpoint.read(
        path, architecture: name, imageShape: [size, size, other])
      #expect(read.network == network)
    }
    let given = try Checkpoint.read(
      path, architecture: name, inputShape: [size, size, channels], imageShape: [9, 9, 9])
    #expect(given.network == network)
  }

  @Test func aFileThatFitsThePublishedSizeAloneIsReadForThat() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file()
    var network = try Architecture.named("lenet-strided").network(classes: 10)
    network.initializeParameters(seed: 4)
    try Checkpoint(network: network).writeStateDict(to: path)
    let read = try Checkpoint.read(path, architecture: "lenet-strided", imageShape: [16, 16, 1])
    #expect(read.network.inputs[0].shape == [28, 28, 1])
  }

  @Test func aSizeThatNothingTellsIsAskedFor() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file()
    var network = try Architecture.named("lenet-strided").network(
      classes: 10, inputShape: [16, 16, 3])
    network.initializeParameters(seed: 4)
    try Checkpoint(network: network).writeStateDict(to: path)
    // 7·7·32 features of images of 28×28, 4·4·32 of 16×16.
    let error = readError(path, architecture: "lenet-strided")
    #expect(
      error
        == .imageSize(
          file: path, object: "/fc1/weight", expected: [1024, 1568], found: [1024, 512],
          architecture: "lenet-strided", images: [28, 28, 3]))
    #expect("\(error as Any)".contains("network.input_shape"))
  }

  @Test(arguments: Architecture.aliases.sorted { $0.key < $1.key }.map(\.key))
  func theNamesOfOtherLibrariesAreUnderstood(alias: String) throws {
    let own = try #require(Architecture.aliases[alias])
    #expect(Architecture.all.contains { $0.name == own } && own != alias)
    #expect(try Architecture.named(alias).name == own)
  }

  @Test func parametersThatAreNotFiniteAreNamed() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("b.h5")
    try Checkpoint(network: try network()).writeStateDict(to: directory.file("a.h5"))
    try rewritten(directory.file("a.h5"), to: path) { name, values, shape in
      var values = values
      if name == "bn1/bias" { values[3] = .infinity }
      if name == "linear/weight" { values.replaceSubrange(5..<7, with: [.nan, -.infinity]) }
      return (name, values, shape)
    }
    let error = readError(path, architecture: "resnet8")
    guard case .notFinite(path, let parameters) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(parameters.map(\.name) == ["bn1.bias", "linear.weight"])
    #expect(parameters.map(\.count) == [1, 2] && parameters.map(\.total) == [16, 448])
    #expect("\(error as Any)".contains("2 of 448 values of linear.weight"))
  }

  @Test func aFlattenedImageIsReorderedOnTheWayOutAndIn() throws {
    let directory = try TemporaryDirectory()
    let network = try smallNetwork()
    try Checkpoint(network: network).writeStateDict(to: directory.file())
    let file = try HDF5File(reading: directory.file())
    // Pixel (1, 2) of channel 2 of a 5×5×3 image: 1 · 15 + 2 · 3 + 2 here, 2 · 25 + 1 · 5 + 2
    // there; row 4 of the weight is its fifth output.
    let weight = try #require(network.parameters["head.fc1.weight"])
    let stored = try file.dataset("head/fc1/weight")
    #expect(stored.shape == [6, 75])
    #expect(
      try stored.read(as: Float.self)[offset([4, 57], in: [6, 75])]
        == weight.scalars[offset([23, 4], in: [75, 6])])
    let mean = try #require(network.parameters["bn.running_mean"])
    #expect(
      try file.dataset("bn/running_mean").read(as: Float.self)[57] == mean.scalars[23])
    // Behind the linear layer nothing is reordered.
    let last = try #require(network.parameters["head.fc2.weight"])
    #expect(
      try file.dataset("head/fc2/weight").read(as: Float.self)[offset([1, 4], in: [3, 6])]
        == last.scalars[offset([4, 1], in: [6, 3])])
    // [in, out / groups, height, width] in the file, [height, width, out / groups, in] here.
    let transposed = try #require(network.parameters["up.weight"])
    let up = try file.dataset("up/weight")
    #expect(up.shape == [4, 3, 2, 3])
    let value = try up.read(as: Float.self)[offset([3, 2, 1, 0], in: [4, 3, 2, 3])]
    #expect(value == transposed.scalars[offset([1, 0, 2, 3], in: [2, 3, 3, 4])])
  }
}
