internal import Checkpoints
public import Codecs
internal import Datasets
internal import Networks
public import Serving
public import Splitting
internal import Tensors
public import Training

extension Experiment {
  /// What is sent to a served tail, and by whom.
  public struct OffloadSource {
    /// The device's part: the folder of a run, or the checkpoint of a head.
    public var device: String
    /// Whose images are sent: the folder of a run, an image file, or a folder of image files; those of the
    /// device's own run if nil.
    public var images: String?
    /// At most how many images; all if nil.
    public var count: Int?
    /// Writes the latents instead of the run's own codec, and its tables.
    public var codec: (codec: any LatentCodec, tables: CodecTables)?
    /// The link's rate in both directions; that of the run's link if nil.
    public var rate: DataRate?
    /// The link's round trip time; that of the run's link if nil.
    public var roundTripTime: TimeSpan?
    /// What carries the bytes; what the run's link says if nil.
    public var transport: Link.Transport?

    /// Creates a source.
    public init(device: String) { self.device = device }

    /// The link to the server from the machine at hand, whatever device or server a recipe has in mind.
    fileprivate func link(of run: Link) throws -> Link {
      try Link(
        rate: rate ?? run.rate, downlinkRate: rate ?? run.downlinkRate,
        roundTripTime: roundTripTime ?? run.roundTripTime, transport: transport ?? run.transport)
    }
  }

  /// Runs the device's side of a split network against a served tail.
  ///
  /// - Parameters:
  ///   - source: what is sent.
  ///   - tail: who answers.
  ///   - observer: told about progress.
  ///   - answered: told of every image its name, its logits and the bytes that were sent.
  /// - Throws: ``ExperimentError``, or what keeps images from being read, sent or answered.
  public static func offload(
    _ source: OffloadSource, to tail: any TimedTail, observer: any TrainingObserver,
    answered: (_ image: String, _ logits: [Float], _ bytes: Int) -> Void = { _, _, _ in }
  ) throws -> Offload.Report {
    let isRun = RunDirectory(source.device).hasRecipe
    let run = isRun ? try open(run: source.device, observer: observer) : nil
    let (system, tables, imageShape, sizing) =
      try run.map { try device(of: $0, source) } ?? device(ofHead: source, tail)
    let offload = try Offload(
      system, tables: tables, to: tail, link: source.link(of: run?.recipe.link.link ?? Link()),
      energy: run?.recipe.link.energy ?? EnergyModel())
    let other = try source.images.flatMap {
      RunDirectory($0).hasRecipe
        ? try Recipe(RecipeDocument(contentsOf: RunDirectory($0).recipePath)) : nil
    }
    if source.images == nil || other != nil {
      let data = other.map { provider(of: $0, observer: observer) } ?? run?.data
      guard let data else { throw ExperimentError.imagesNeeded(source.device) }
      if other != nil { try expectClasses(of: run, source.device, tail, in: data) }
      var test = try data.test()
      // A user's accuracy is that of the user's classes, as in the run's report.
      if let classes = try data.userClasses() {
        test = try test.selecting(classes: classes.map { .index($0) })
      }
      let seed = data.configuration.splitSeed
      // The labels are of classes, which tasks need not be about.
      let isClassifier = run.map { $0.method.tasks == nil } ?? true
      let samples = test.sampleIndices(source.count ?? test.count, seed: seed)
      var report = try offload.run(
        samples.count,
        image: {
          (
            try test.pixels(at: [samples[$0]]),
            isClassifier ? Int(test.labels[samples[$0]]) : nil
          )
        },
        answered: { index, logits, bytes in
          observer.progressed("sending", unit: "images", done: index + 1, of: samples.count)
          answered("\(samples[index])", logits, bytes)
        })
      if samples.count < test.count {
        report.drawn =
          "\(samples.count) of \(test.count) images of \(test.name), drawn evenly over classes with "
          + "seed \(seed)"
      }
      return report
    }
    var files: [String]
    do { files = try ImageInput.files([source.images ?? ""], observer: observer) } catch {
      throw ExperimentError.noImages(source.images ?? "")
    }
    let input = try ImageInput(imageShape, sizing, of: source.device)
    let total = files.count
    let count = min(source.count ?? total, total)
    if count < total {
      var random = RandomSource(seed: 0, purpose: "sample")
      files = random.permutation(total).prefix(count).sorted().map { files[$0] }
    }
    var report = try offload.run(
      count, image: { (try input.pixels(of: files[$0]).pixels, nil) },
      answered: { index, logits, bytes in
        observer.progressed("sending", unit: "images", done: index + 1, of: count)
        answered(files[index], logits, bytes)
      })
    if count < total { report.drawn = "\(count) of \(total) files, drawn with seed 0" }
    return report
  }

  /// Has data numbered as the logits that answer.
  private static func expectClasses(
    of run: OpenRun?, _ device: String, _ tail: any TimedTail, in data: DataProvider
  ) throws {
    let names =
      if let run { try run.data.test().classNames } else {
        try Checkpoint.read(device).classNames
      }
    try data.expect(
      SetupError.classList(
        names: names, owner: names == nil ? "the server" : device, outputs: tail.classCount))
  }

  /// System of a run's device, the tables that it codes with, and the shape of its images
  /// with how they are brought to it.
  private static func device(
    of run: OpenRun, _ source: OffloadSource
  ) throws -> (
    system: any SplitSystem, tables: CodecTables, imageShape: Shape, sizing: ImageSizing?
  ) {
    guard let own = try run.method.systems(run.network).first, own.isSplit else {
      throw ExperimentError.nothingToOffload(source.device)
    }
    let imageShape = try run.data.test().imageShape
    guard let (codec, tables) = source.codec else {
      return (
        own, try run.method.codecTables(run.network), imageShape, run.data.imageSizing
      )
    }
    guard let coded = own as? CodedSystem else {
      throw ExperimentError.codecIsFixed(source.device)
    }
    return (
      coded.with(name: own.name, family: own.family, codec: codec, tables: tables), tables,
      imageShape, run.data.imageSizing
    )
  }

  /// The same of a head alone.
  private static func device(
    ofHead source: OffloadSource, _ tail: any TimedTail
  ) throws -> (
    system: any SplitSystem, tables: CodecTables, imageShape: Shape, sizing: ImageSizing?
  ) {
    let checkpoint = try Checkpoint.read(source.device)
    let (codec, tables) = source.codec ?? (IdentityCodec(), .none)
    let system = CodedSystem(
      name: source.device, family: "head", device: checkpoint.network,
      inputTransform: checkpoint.inputTransform ?? .identity, codec: codec, tables: tables,
      tail: tail, serverMACs: 0)
    return (system, tables, checkpoint.network.inputs[0].shape, checkpoint.imageSizing)
  }
}
