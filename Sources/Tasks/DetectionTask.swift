public import Autodiff
public import Boxes
internal import Datasets
internal import Metrics
public import Networks
public import Tensors

/// Objects and where they are, judged by COCO's average precision.
///
/// `single_stage` is RetinaNet's kind of detector: every anchor of a feature pyramid has a score for
/// each class, trained by the focal loss. `two_stage` is Faster R-CNN's: anchors propose boxes,
/// whose features are looked at again. Sources: Lin and others 2017,
/// https://arxiv.org/abs/1708.02002; Ren and others 2015, https://arxiv.org/abs/1506.01497.
///
/// Deviation: where Faster R-CNN draws some anchors of an image at random, all count here with the
/// weight they would have on average, so that nothing is drawn; and of its proposals, which are few,
/// all count. Deviation: every level of the pyramid has layers of its own.
public struct DetectionTask: LearningTask {
  /// What the task is called.
  public var name: String { configuration.name }

  /// `detection`.
  public var kind: TaskConfiguration.Kind { .detection }

  /// The names of the categories.
  public let classNames: [String]

  /// The score from which a detection counts, the overlap above which the lesser of two goes, and the
  /// most detections of an image.
  public var settings: [String: Double] {
    [
      "score_threshold": configuration.detection.scoreThreshold,
      "overlap": configuration.detection.overlap, "limit": Double(configuration.detection.limit),
      "background_first": configuration.head == .twoStage ? 1 : 0,
    ]
  }

  private let configuration: TaskConfiguration
  private let imageShape: Shape
  /// What boxes are measured from, known as soon as the task is on a network.
  private var anchors: [BoundingBox] = []

  /// Of the anchors of an image, the number that Faster R-CNN draws, half of them objects at most.
  private static let drawnAnchors = 256

  /// Creates a task.
  ///
  /// - Parameter imageShape: `[height, width, channels]`.
  public init(_ configuration: TaskConfiguration, classNames: [String], imageShape: Shape) {
    self.configuration = configuration
    self.classNames = classNames
    self.imageShape = imageShape
  }

  private func heads(
    _ edges: [(name: String, shape: Shape)]
  ) throws(TaskError) -> DetectionHeads {
    try DetectionHeads(
      task: configuration, edges: edges, classCount: classNames.count, image: imageShape)
  }

  /// The task with the anchors of the feature maps it reads.
  public func bound(
    to edges: [(name: String, shape: Shape)]
  ) throws(TaskError) -> any LearningTask {
    var task = self
    task.anchors = try heads(edges).anchors.boxes
    return task
  }

  /// Layers from feature maps, the finest first, to a score and a box for every anchor or proposal.
  public func head(reading edges: [(name: String, shape: Shape)]) throws -> Network {
    try heads(edges).network()
  }

  /// Scores begin as those of background.
  public func begin(_ head: inout Network, seed: UInt64) throws {
    try DetectionHeads.begin(
      &head, isSingleStage: configuration.head == .singleStage, seed: seed)
  }

  /// Scores and boxes.
  public var answerCount: Int { 2 }

  // MARK: - Loss

  /// The focal loss over the number of objects' anchors, and the smooth absolute error of these
  /// anchors' differences; or the losses of both stages.
  public func loss(
    _ outputs: [Variable<Float>], _ targets: TaskTargets
  ) -> Variable<Float>? {
    let known = targets.known
    guard !known.isEmpty else { return nil }
    // What is smaller than a pixel is part of the truth, but shows nothing to learn from.
    let objects = targets.samples.indices.map { place in
      known.contains(place) ? self.objects(targets, place).filter(\.isLearnable) : nil
    }
    if configuration.head == .twoStage {
      return anchorLoss(scores: outputs[4], differences: outputs[5], objects)
        + proposalLoss(
          logits: outputs[0], refinements: outputs[2], proposals: outputs[3].value, objects)
    }
    return focalLoss(logits: outputs[0], differences: outputs[2], objects)
  }

  /// The objects of a sample, moved as its image is.
  private func objects(_ targets: TaskTargets, _ place: Int) -> [LabelledBox] {
    guard case .boxes(_, let rows) = targets.annotation.content else { return [] }
    return targets.draw(place).boxes(
      rows[targets.samples[place]] ?? [], height: imageShape[0], width: imageShape[1])
  }

  /// What rows of anchors or proposals have to find: −1 nothing, −2 they do not count, otherwise
  /// the category; and the differences of those that have to find an object.
  private struct Assignment {
    var labels: [Int32] = []
    var rows: [Int32] = []
    var categories: [Int32] = []
    var differences: [Float] = []

    /// Assigns the objects of every image; nil for an image that nobody has looked at.
    ///
    /// - Parameter boxes: the anchors or proposals of an image.
    init(
      _ objects: [[LabelledBox]?], _ matcher: BoxMatcher, _ coder: BoxCoder,
      boxes: (Int) -> [BoundingBox]
    ) {
      for (image, objects) in objects.enumerated() {
        let boxes = boxes(image)
        guard let objects else {
          labels += [Int32](repeating: FocalLoss.ignored, count: boxes.count)
          continue
        }
        for (index, match) in matcher.matches(boxes: boxes, objects: objects).enumerated() {
          switch match {
          case .object(let number):
            let object = objects[number]
            rows.append(Int32(labels.count))
            categories.append(object.category)
            let difference = coder.encoded(object.box, from: boxes[index])
            differences += [difference.x, difference.y, difference.z, difference.w]
            labels.append(object.category)
          case .background: labels.append(FocalLoss.background)
          case .ignored: labels.append(FocalLoss.ignored)
          }
        }
      }
    }

    /// The summed error of the differences of rows of `[…, 4]`.
    func differenceLoss(
      _ differences: Variable<Float>, rows: [Int32], weights: [Float]? = nil, beta: Double
    ) -> Variable<Float>? {
      guard !rows.isEmpty else { return nil }
      let all = Variable.apply(
        Reshape([differences.value.count / 4, 4]), [differences])
      let target = Variable(Tensor<Float>([rows.count, 4], self.differences))
      guard let weights else {
        return Variable.apply(
          SmoothL1(beta: beta, reduction: .sum), [all.rows(at: rows), target])
      }
      let losses = Variable.apply(
        SmoothL1(beta: beta, reduction: .none), [all.rows(at: rows), target])
      return (losses * Variable(Tensor<Float>([rows.count, 1], weights))).sum()
    }
  }

  /// The loss of `single_stage`: logits `[batch, anchors, classes]`, differences
  /// `[batch, anchors, 4]`.
  private func focalLoss(
    logits: Variable<Float>, differences: Variable<Float>, _ objects: [[LabelledBox]?]
  ) -> Variable<Float> {
    let matcher = BoxMatcher(foreground: 0.5, background: 0.4, matchesBest: true)
    let assignment = Assignment(objects, matcher, BoxCoder()) { _ in anchors }
    let count = Double(max(1, assignment.rows.count))
    let classes = Variable.apply(FocalLoss(labels: assignment.labels), [logits]) / count
    let places = assignment.differenceLoss(differences, rows: assignment.rows, beta: 1.0 / 9)
    return places.map { classes + $0 / count } ?? classes
  }

  /// The loss of the first stage: scores `[batch, anchors, 1]`, differences `[batch, anchors, 4]`.
  private func anchorLoss(
    scores: Variable<Float>, differences: Variable<Float>, _ objects: [[LabelledBox]?]
  ) -> Variable<Float> {
    let matcher = BoxMatcher(foreground: 0.7, background: 0.3, matchesBest: true)
    let assignment = Assignment(objects, matcher, BoxCoder()) { _ in anchors }
    // The weights that anchors would have on average if some were drawn.
    var weights = [Float](repeating: 0, count: assignment.labels.count)
    var total: Float = 0
    for image in objects.indices {
      let range = image * anchors.count..<(image + 1) * anchors.count
      let found = range.count { assignment.labels[$0] >= 0 }
      let empty = range.count { assignment.labels[$0] == FocalLoss.background }
      let drawnFound = min(found, Self.drawnAnchors / 2)
      let drawnEmpty = min(empty, Self.drawnAnchors - drawnFound)
      total += Float(drawnFound + drawnEmpty)
      for index in range where assignment.labels[index] >= FocalLoss.background {
        weights[index] =
          assignment.labels[index] >= 0
          ? Float(drawnFound) / Float(found) : Float(drawnEmpty) / Float(empty)
      }
    }
    let truths = assignment.labels.map { $0 >= 0 ? 1 : 0 as Float }
    let losses = Variable.apply(
      BinaryCrossEntropy(reduction: .none), [scores, Variable(Tensor(scores.shape, truths))])
    let count = Double(max(1, total))
    let classes = (losses * Variable(Tensor(scores.shape, weights))).sum() / count
    let places = assignment.differenceLoss(
      differences, rows: assignment.rows, weights: assignment.rows.map { weights[Int($0)] },
      beta: 1.0 / 9)
    return places.map { classes + $0 / count } ?? classes
  }

  /// The loss of the second stage: logits `[batch, proposals, 1 + classes]`, refinements
  /// `[batch, proposals, 4 · classes]`.
  private func proposalLoss(
    logits: Variable<Float>, refinements: Variable<Float>, proposals: Tensor<Float>,
    _ objects: [[LabelledBox]?]
  ) -> Variable<Float> {
    let matcher = BoxMatcher(foreground: 0.5, background: 0.5, matchesBest: false)
    let count = proposals.shape[1]
    let boxes = DetectionTask.boxes(proposals)
    let assignment = Assignment(objects, matcher, .refinement) { image in
      Array(boxes[image * count..<(image + 1) * count])
    }
    let counted = assignment.labels.count { $0 >= FocalLoss.background }
    // Background is the first class here.
    let labels = assignment.labels.map { $0 >= FocalLoss.background ? $0 + 1 : -1 }
    let total = Double(max(1, counted))
    let classes =
      Variable.apply(
        CrossEntropy(labels: labels, ignoreIndex: -1, reduction: .sum), [logits]) / total
    let rows = zip(assignment.rows, assignment.categories).map { row, category in
      row * Int32(classNames.count) + category
    }
    let places = assignment.differenceLoss(refinements, rows: rows, beta: 1)
    return places.map { classes + $0 / total } ?? classes
  }

  /// Boxes of a tensor whose last axis is their edges.
  private static func boxes(_ tensor: Tensor<Float>) -> [BoundingBox] {
    tensor.withUnsafeBufferPointer { edges in
      stride(from: 0, to: edges.count, by: 4).map {
        BoundingBox(
          left: edges[$0], top: edges[$0 + 1], right: edges[$0 + 2], bottom: edges[$0 + 3])
      }
    }
  }

  // MARK: - Answers

  /// What was found in each image of a batch, the surest first.
  ///
  /// - Parameter outputs: the deployed ones, scores and boxes.
  public func detections(_ outputs: [Tensor<Float>]) -> [[Detection]] {
    let isTwoStage = configuration.head == .twoStage
    let scores =
      isTwoStage
      ? Softmax().evaluate([outputs[0]], requiring: [false]).value
      : Activate(.sigmoid).evaluate([outputs[0]], requiring: [false]).value
    let (rows, columns) = (scores.shape[1], scores.shape[2])
    // Of two stages, background is the first class and every other has a box of its own.
    let first = isTwoStage ? 1 : 0
    let boxes = DetectionTask.boxes(outputs[1])
    let threshold = Float(configuration.detection.scoreThreshold)
    return scores.withUnsafeBufferPointer { scores in
      (0..<scores.count / (rows * columns)).map { image in
        var found: [Detection] = []
        for row in image * rows..<(image + 1) * rows {
          for category in 0..<classNames.count {
            let score = scores[row * columns + first + category]
            let box = boxes[isTwoStage ? row * classNames.count + category : row]
            guard score >= threshold, box.area > 0 else { continue }
            found.append(Detection(box, category: Int32(category), score: score))
          }
        }
        return best(of: found)
      }
    }
  }

  /// Detections without those that lie on better ones of their category.
  private func best(of detections: [Detection]) -> [Detection] {
    // Suppression takes the square of their number.
    let candidates =
      detections.count <= 1000
      ? detections : Array(detections.sorted { $0.score > $1.score }.prefix(1000))
    return NonMaximumSuppression.kept(
      boxes: candidates.map(\.box), scores: candidates.map(\.score),
      groups: candidates.map(\.category), threshold: Float(configuration.detection.overlap),
      limit: configuration.detection.limit
    ).map { candidates[$0] }
  }

  /// At most: four edges, a score and a category of four bytes each for every detection there may be.
  public func answerBytes(_ shapes: [Shape]) -> Int { 24 * configuration.detection.limit }

  /// The detections that are surer than not, or the surest one.
  public func answer(_ outputs: [Tensor<Float>]) -> TaskAnswer {
    let found = detections(outputs)[0]
    let sure = found.filter { $0.score >= 0.5 }
    return .places(
      (sure.isEmpty ? Array(found.prefix(1)) : sure).map {
        TaskAnswer.Place(
          box: $0.box, category: $0.category,
          text: "\(classNames[Int($0.category)]) \(rounded($0.score))")
      })
  }

  /// COCO's average precision.
  public func measure() -> any TaskMeasure { Measure(task: self) }

  private struct Measure: TaskMeasure {
    private let task: DetectionTask
    private var accuracy: DetectionAccuracy
    private(set) var missingCount = 0

    init(task: DetectionTask) {
      self.task = task
      accuracy = DetectionAccuracy(
        categories: task.classNames.count,
        maximumDetections: task.configuration.detection.limit)
    }

    var sampleCount: Int { accuracy.imageCount }

    mutating func add(_ outputs: [Tensor<Float>], _ targets: TaskTargets) {
      let detections = task.detections(outputs)
      let known = targets.known
      missingCount += targets.samples.count - known.count
      for place in known {
        accuracy.add(
          detections: detections[place], truths: task.objects(targets, place),
          areaScale: targets.annotation.areaScale(targets.samples[place]))
      }
    }

    func metrics(of sample: String) -> [TaskMetric] {
      let summary = accuracy.summary()
      let absent =
        sampleCount == 0
        ? "no \(sample) is annotated"
        : "no \(sample) has an object" + (accuracy.crowdCount > 0 ? ", only crowds" : "")
      return [
        ("map", summary.map), ("ap50", summary.ap50), ("ap75", summary.ap75),
      ].metrics(absent)
        + [
          ("ap_small", summary.apSmall), ("ap_medium", summary.apMedium),
          ("ap_large", summary.apLarge),
        ].metrics(summary.map == nil ? absent : "no \(sample) has an object of this size")
    }
  }
}
