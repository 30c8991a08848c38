public import Codecs
internal import Foundation
public import Networks
public import Tensors

/// A network as files for device and server: head and tail, or the whole, in single precision and as
/// 8-bit integers, and a manifest.
public struct ExportBundle: Sendable {
  /// The part for the device; the whole network if there is no tail.
  public var head: Network
  /// The part for the server, which takes what the head gives; nil for a network that is not cut.
  public var tail: Network?
  /// Way in which images of other sizes are brought to that of the head, if they come in several.
  public var imageSizing: ImageSizing?
  /// Codec of the latent, if it is sent.
  public var codec: CodecDescription?
  /// What is done to pixels before the head.
  public var inputTransform: InputTransform
  /// The classes in the order of the tail's outputs, of which the last may have no names; or empty.
  public var classNames: [String]
  /// The output of the tail that tells classes, the first one unless given.
  public var answer: Answer?
  /// What the tail answers if it is several tasks; each is also written alone.
  public var tasks: [Task]
  /// The exits of the head and the tail, if the device or the server may answer early.
  public var exits: [ExportManifest.Exit]
  /// Other ways to cut the work, of which the device picks one for each image, if there are.
  public var branches: [Branch]
  /// Networks by which the device decides, if there are.
  public var policies: [PolicyNetwork]
  /// What the tail takes besides what the head gives, if anything: what the server knows.
  public var sideInputs: [SideInput]
  /// How the device sends indices of centres, if it does: then also its part as integers in C.
  public var encoder: Encoder?
  /// Transformed images `[samples, height, width, channels]` to choose the ranges of integers by.
  public var calibration: [Tensor<Float>]
  /// How numbers become integers.
  public var quantization: QuantizationOptions
  /// The version of what writes the bundle.
  public var producerVersion: String
  /// The calibrated tables of the codec both parts share, as the codec writes them, if there are.
  public var codecTables: [UInt8]?
  /// Where the network comes from.
  public var provenance: [String: String]

  /// The output of a tail that tells classes.
  public struct Answer: Sendable {
    /// Its name.
    public var output: String
    /// What its numbers mean.
    public var meaning: OutputMeaning

    /// Creates an answer.
    public init(output: String, meaning: OutputMeaning) {
      self.output = output
      self.meaning = meaning
    }
  }

  /// An input of the tail that is not sent.
  public struct SideInput: Sendable {
    /// What it is called.
    public var name: String
    /// What it lies between.
    public var range: ClosedRange<Float>

    /// Creates an input.
    public init(name: String, range: ClosedRange<Float>) {
      self.name = name
      self.range = range
    }
  }

  /// How a device sends indices of centres.
  public struct Encoder: Sendable {
    /// The centres in ascending order.
    public var centers: [Float]
    /// Transformed images `[samples, height, width, channels]` that are written with the indices the
    /// program gives for them.
    public var testImages: [Tensor<Float>]

    /// Creates an encoder.
    public init(centers: [Float], testImages: [Tensor<Float>] = []) {
      self.centers = centers
      self.testImages = testImages
    }
  }

  /// One of several tasks that the tail answers.
  public struct Task: Sendable {
    /// What it is called.
    public var name: String
    /// What sort of task it is.
    public var kind: String
    /// The classes, categories or values in the order of its answers.
    public var classNames: [String]
    /// How its answers are to be read, as names and numbers.
    public var settings: [String: Double]
    /// The part of the tail that answers it alone.
    public var tail: Network

    /// Creates a task.
    public init(
      name: String, kind: String, classNames: [String], settings: [String: Double] = [:],
      tail: Network
    ) {
      self.name = name
      self.kind = kind
      self.classNames = classNames
      self.settings = settings
      self.tail = tail
    }
  }

  /// A way to cut the work.
  public struct Branch: Sendable {
    /// What it is called.
    public var name: String
    /// The part for the device.
    public var head: Network
    /// The part for the server.
    public var tail: Network
    /// How its latent becomes bytes, if not as the quantised models have it.
    public var quantization: QuantizationParameters?

    /// Creates a branch.
    public init(
      name: String, head: Network, tail: Network, quantization: QuantizationParameters? = nil
    ) {
      self.name = name
      self.head = head
      self.tail = tail
      self.quantization = quantization
    }
  }

  /// Creates a bundle.
  public init(
    head: Network, tail: Network?, inputTransform: InputTransform, imageSizing: ImageSizing? = nil,
    codec: CodecDescription? = nil, classNames: [String] = [], answer: Answer? = nil,
    tasks: [Task] = [],
    exits: [ExportManifest.Exit] = [],
    branches: [Branch] = [], policies: [PolicyNetwork] = [], sideInputs: [SideInput] = [],
    encoder: Encoder? = nil, calibration: [Tensor<Float>],
    quantization: QuantizationOptions = QuantizationOptions(), producerVersion: String,
    codecTables: [UInt8]? = nil, provenance: [String: String] = [:]
  ) {
    self.head = head
    self.tail = tail
    self.inputTransform = inputTransform
    self.imageSizing = imageSizing
    self.codec = codec
    self.classNames = classNames
    self.answer = answer
    self.tasks = tasks
    self.exits = exits
    self.branches = branches
    self.policies = policies
    self.sideInputs = sideInputs
    self.encoder = encoder
    self.calibration = calibration
    self.quantization = quantization
    self.producerVersion = producerVersion
    self.codecTables = codecTables
    self.provenance = provenance
  }

  /// The name of the file with the codec's tables.
  public static let tablesName = "codec.tables"

  /// The name of the C file of the device's part, without its extension.
  public static let encoderStem = "encoder"

  /// The names of the files that an encoder has.
  static let encoderNames = [
    "\(encoderStem).c", "\(encoderStem).inputs.bin", "\(encoderStem).indices.bin",
  ]

  /// The names of the files of every bundle.
  public static let fileNames = [
    "head.onnx", "head.int8.onnx", "tail.onnx", "tail.int8.onnx", ExportManifest.fileName,
  ]

  /// The names of the files of every bundle of a network that is not cut.
  public static let wholeFileNames = ["model.onnx", "model.int8.onnx", ExportManifest.fileName]

  /// The name of the models of a task, without their extensions.
  private func stem(ofTask name: String) -> String {
    tail == nil ? "model.\(name)" : "tail.\(name)"
  }

  /// The names of the models of a branch, without their extensions.
  static func stems(ofBranch name: String) -> (head: String, tail: String) {
    ("head.\(name)", "tail.\(name)")
  }

  /// The name of the model of a policy.
  static func fileName(ofPolicy name: String) -> String { "policy.\(name).onnx" }

  /// Whether a bundle may have a file of a name.
  static func isFileName(_ name: String) -> Bool {
    let isModel = ["head.", "tail.", "model.", "policy."].contains { name.hasPrefix($0) }
    return fileNames.contains(name) || name == tablesName || encoderNames.contains(name)
      || (isModel && name.hasSuffix(".onnx"))
  }

  /// Writes the bundle, whole or not at all, in place of an earlier one.
  ///
  /// - Returns: what the manifest says.
  /// - Throws: ``ExportError`` if the parts cannot be exported, the directory cannot be written, or
  ///   it holds something that is not an export.
  @discardableResult
  public func write(to directory: String) throws(ExportError) -> ExportManifest {
    try ExportDirectory.check(directory)
    let (manifest, files) = try contents()
    try ExportDirectory.write(files, to: directory)
    return manifest
  }

  /// All files by name, and the manifest among them.
  func contents() throws(ExportError) -> (manifest: ExportManifest, files: [(String, [UInt8])]) {
    try check()
    var files: [(String, [UInt8])] = []
    func add(_ name: String, _ model: ONNXModel) throws(ExportError) -> ExportManifest.File {
      var model = model
      model.producerVersion = producerVersion
      let content = try model.bytes()
      files.append((name, content))
      return ExportManifest.File(name: name, content: content)
    }
    // What is sent is quantised; what is answered is not.
    func device(
      _ network: Network, _ stem: String, isCut: Bool = true
    ) throws(ExportError) -> (part: ExportManifest.Part, integers: QuantizedONNXModel) {
      let integers = try QuantizedONNXModel(
        network, calibration: calibration, options: quantization, quantizesOutput: isCut)
      let written = part(
        network, try add("\(stem).onnx", ONNXModel(network.folded())),
        try add("\(stem).int8.onnx", integers.model))
      return (written, integers)
    }
    func server(
      _ network: Network, _ stem: String, behind device: QuantizedONNXModel
    ) throws(ExportError) -> ExportManifest.Part {
      let integers = try QuantizedONNXModel(
        network, calibration: device.calibrationOutputs, options: quantization,
        input: device.output, sideInputs: sideInputs.map(\.range))
      return part(
        network, try add("\(stem).onnx", ONNXModel(network.folded())),
        try add("\(stem).int8.onnx", integers.model))
    }
    func cut(_ device: QuantizedONNXModel) -> QuantizationParameters {
      device.output ?? QuantizationParameters(scale: 1, zeroPoint: 0)
    }
    let isCut = tail != nil
    let headPart = try device(head, isCut ? "head" : "model", isCut: isCut)
    let tailPart = try tail.map { tail throws(ExportError) in
      try server(tail, "tail", behind: headPart.integers)
    }
    var taskParts: [ExportManifest.Task] = []
    for task in tasks {
      taskParts.append(
        ExportManifest.Task(
          name: task.name, kind: task.kind, classNames: task.classNames, settings: task.settings,
          part: isCut
            ? try server(task.tail, stem(ofTask: task.name), behind: headPart.integers)
            : try device(task.tail, stem(ofTask: task.name), isCut: false).part))
    }
    var branchParts: [ExportManifest.Branch] = []
    for branch in branches {
      let stems = ExportBundle.stems(ofBranch: branch.name)
      // The branch that the head and tail are is not written again.
      let isWritten = branch.head == head && branch.tail == tail
      let own = isWritten ? headPart : try device(branch.head, stems.head)
      let answering: ExportManifest.Part
      if isWritten, let tailPart {
        answering = tailPart
      } else {
        answering = try server(branch.tail, stems.tail, behind: own.integers)
      }
      branchParts.append(
        ExportManifest.Branch(
          name: branch.name, head: own.part, tail: answering,
          cutQuantization: cut(own.integers), latentQuantization: branch.quantization))
    }
    var policyParts: [ExportManifest.Policy] = []
    for policy in policies {
      let network = policy.network
      policyParts.append(
        ExportManifest.Policy(
          name: policy.name,
          input: ExportManifest.Value(
            network.inputs[0].name, network.shapes[network.inputs[0].name] ?? []),
          output: ExportManifest.Value(network.outputs[0], network.outputShape),
          model: try add(
            ExportBundle.fileName(ofPolicy: policy.name), ONNXModel(network.folded())),
          settings: policy.settings, facts: policy.facts))
    }
    let written = try encoder.map { encoder throws(ExportError) in try self.device(encoder) }
    files += written?.files ?? []
    if let codecTables { files.append((ExportBundle.tablesName, codecTables)) }
    let manifest = ExportManifest(
      producerVersion: producerVersion, head: headPart.part, tail: tailPart,
      tasks: taskParts.isEmpty ? nil : taskParts, exits: exits.isEmpty ? nil : exits,
      branches: branchParts.isEmpty ? nil : branchParts,
      policies: policyParts.isEmpty ? nil : policyParts,
      image: head.inputs[0].shape.rank == 3
        ? ExportManifest.Image(head.inputs[0].shape, sizing: imageSizing) : nil,
      inputTransform: inputTransform,
      classNames: namesOfOutputs,
      cutQuantization: isCut ? cut(headPart.integers) : nil,
      codec: codec.map { ExportManifest.Codec($0, of: head.outputs[0], head.outputShape) },
      encoder: written?.entry,
      codecTables: codecTables.map {
        ExportManifest.File(name: ExportBundle.tablesName, content: $0)
      }, provenance: provenance)
    files.append((ExportManifest.fileName, try ExportDirectory.encode(manifest)))
    return (manifest, files)
  }

  /// A name for each output of the tail, nil for one without; none if no output has any.
  private var namesOfOutputs: [String?] {
    guard !classNames.isEmpty else { return [] }
    let unnamed = [String?](repeating: nil, count: classCount - classNames.count)
    return classNames + unnamed
  }

  private func check() throws(ExportError) {
    do {
      try inputTransform.validate(channels: head.inputs.first?.shape.dimensions.last ?? 0)
    } catch {
      throw .invalidOption(name: error.name, value: error.value, expected: error.expected)
    }
    let pairs =
      (tail.map { [$0] + tasks.map(\.tail) } ?? []).map { (head, $0) }
      + branches.map { ($0.head, $0.tail) }
    for network in [head] + pairs.map(\.0) + policies.map(\.network)
    where network.inputs.count != 1 {
      throw .inputCount(network: network.name, expected: 1, found: network.inputs.count)
    }
    for network in pairs.map(\.1)
    where network.inputs.dropFirst().map(\.name) != sideInputs.map(\.name) {
      throw .inputCount(
        network: network.name, expected: 1 + sideInputs.count, found: network.inputs.count)
    }
    for (head, tail) in pairs where head.outputShape != tail.inputs[0].shape {
      throw .partsDoNotFit(head: head.outputShape, tail: tail.inputs[0].shape)
    }
    guard classNames.count <= classCount else {
      throw .classNames(expected: classCount, found: classNames.count)
    }
  }

  /// The number of classes that the tail tells.
  private var classCount: Int {
    let answering = tail ?? head
    let shape = answer.flatMap { answering.shapes[$0.output] } ?? answering.outputShape
    return (answer?.meaning ?? .logits).classCount(ofLength: shape[-1])
  }

  private func part(
    _ network: Network, _ float: ExportManifest.File, _ integer: ExportManifest.File
  ) -> ExportManifest.Part {
    func value(_ name: String) -> ExportManifest.Value {
      let meaning = answer.flatMap { $0.output == name ? $0.meaning : nil }
      return ExportManifest.Value(name, network.shapes[name] ?? [], meaning: meaning)
    }
    let cost = network.cost
    return ExportManifest.Part(
      input: value(network.inputs[0].name),
      sideInputs: network.inputs.count > 1
        ? network.inputs.dropFirst().map { value($0.name) } : nil,
      outputs: network.outputs.map(value),
      macs: cost.macs, parameters: cost.parameters, float: float, integer: integer)
  }
}
