public import Checkpoints
internal import Datasets
public import Networks
internal import Splitting
internal import Tasks
public import Tensors
public import Training

extension Experiment {
  /// The options of a prediction.
  public struct PredictionOptions: Sendable {
    /// The most classes that are kept of an answer, best first.
    public var most: Int
    /// Indicates whether the first image that cannot be read ends it; it is passed over otherwise.
    public var stopsAtErrors: Bool

    /// Creates options.
    public init(most: Int = 3, stopsAtErrors: Bool = false) {
      self.most = most
      self.stopsAtErrors = stopsAtErrors
    }
  }

  /// Answers image files by the deployed system of a run: device, coded bytes, server.
  ///
  /// A run without a cut answers in one piece.
  ///
  /// - Parameters:
  ///   - path: the folder of the run.
  ///   - images: image files, and folders of them.
  ///   - answered: told of every image once it is answered, or found not to be readable.
  /// - Throws: as ``evaluate(run:observer:)``, ``ExperimentError`` if it takes no images or there are
  ///   none, or what keeps an image from being answered.
  public static func predict(
    run path: String, images: [String], _ options: PredictionOptions = PredictionOptions(),
    observer: any TrainingObserver, answered: (ImagePrediction) -> Void
  ) throws {
    let files = try ImageInput.files(images, observer: observer)
    let directory = RunDirectory(path)
    if directory.hasRecipe,
      let name = flyingMethod(of: try Recipe(RecipeDocument(contentsOf: directory.recipePath)))
    {
      throw MeasurementError.notByImages(method: name)
    }
    let run = try open(run: path, observer: observer)
    if run.recipe.link.link.isNoisy { observer.noted(NoiseNote.without(path)) }
    let test = try run.data.test()
    let input = try ImageInput(test.imageShape, run.data.imageSizing, of: path)
    let tasks = run.method.tasks ?? .classification(of: test)
    func answers(
      _ outputs: [Tensor<Float>], _ placement: ImagePlacement, _ file: String
    ) throws -> [ImagePrediction.Answer] {
      for output in outputs { try NonFiniteAnswer.check(output, samples: [], of: file) }
      if run.method.tasks == nil {
        return [
          ImagePrediction.Answer(
            task: nil, logits: outputs[0].scalars, classNames: test.classNames,
            most: options.most)
        ]
      }
      var start = 0
      return tasks.tasks.map { task in
        defer { start += task.answerCount }
        return ImagePrediction.Answer(
          task, Array(outputs[start..<start + task.answerCount]), most: options.most,
          placement)
      }
    }
    if let system = try system(of: run) {
      try predict(files, input, options, answered) { pixels, placement, file in
        let found = try SystemRun.answer(pixels, by: system)
        let message = found.messages[0]
        return (try answers(found.answers, placement, file), message.bytes, !message.isSent)
      }
    } else {
      let network = try run.method.uncut(run.network)
      try predict(files, input, options, answered) { pixels, placement, file in
        (try answers(try network(pixels), placement, file), nil, nil)
      }
    }
  }

  /// Answers image files by a network in one piece.
  ///
  /// - Parameters:
  ///   - checkpoint: the network and the facts that came with it.
  ///   - name: what to call it in messages.
  ///   - inputTransform: what pixels go through; the checkpoint's own if `nil`.
  ///   - outputs: the output that tells the classes and what its numbers mean, as far as given.
  /// - Throws: `SetupError` for a network that is no classifier, ``ExperimentError`` if it takes no
  ///   images or there are none, or what keeps an image from being answered.
  public static func predict(
    _ checkpoint: Checkpoint, name: String, images: [String],
    _ options: PredictionOptions = PredictionOptions(), inputTransform: InputTransform?,
    outputs: OutputChoice = OutputChoice(), observer: any TrainingObserver,
    answered: (ImagePrediction) -> Void
  ) throws {
    let files = try ImageInput.files(images, observer: observer)
    let found = try ClassAnswers(
      of: checkpoint.network, outputs, classCount: checkpoint.classNames?.count)
    let logits = found.network
    if found.outputs.count > 1 {
      observer.noted("\(name): the classes are those of its output '\(found.measured)'")
    }
    guard logits.outputShape.rank == 1 else {
      throw SetupError.notAClassifier(network: name, output: logits.outputShape)
    }
    let input = try ImageInput(
      checkpoint.network.inputs.first?.shape ?? [], checkpoint.imageSizing, of: name)
    let network = UncutNetwork(
      try logits.with(outputs: [logits.outputs[0]]),
      through: inputTransform ?? checkpoint.inputTransform ?? .identity)
    let classNames = checkpoint.classNames ?? []
    try predict(files, input, options, answered) { pixels, _, file in
      let answer = try network(pixels)[0]
      try NonFiniteAnswer.check(answer, samples: [], of: file)
      let logits = answer.scalars
      return (
        [
          ImagePrediction.Answer(
            task: nil, logits: logits, classNames: classNames, most: options.most,
            areIndependent: found.meaning == .independentProbabilities && !found.isSingle)
        ], nil, nil
      )
    }
  }

  /// The system that a run deploys; nil if nothing is cut.
  static func system(of run: OpenRun) throws -> (any SplitSystem)? {
    do { return try run.method.systems(run.network).first } catch SetupError.cutNeeded {
      return nil
    }
  }

  private static func predict(
    _ files: [String], _ input: ImageInput, _ options: PredictionOptions,
    _ answered: (ImagePrediction) -> Void,
    by answer: (Tensor<Float>, ImagePlacement, String) throws -> (
      answers: [ImagePrediction.Answer], bytes: Int?, isOwn: Bool?
    )
  ) throws {
    for file in files {
      let pixels: Tensor<Float>
      let placement: ImagePlacement
      do { (pixels, placement) = try input.pixels(of: file) } catch {
        if options.stopsAtErrors { throw error }
        answered(ImagePrediction(image: file, answers: [], error: "\(error)"))
        continue
      }
      let found = try answer(pixels, placement, file)
      answered(
        ImagePrediction(
          image: file, bytesSent: found.bytes, isAnsweredByDevice: found.isOwn,
          answers: found.answers))
    }
  }
}
