public import Autodiff
public import Boxes
public import Tensors

/// The boxes of an image that most probably hold an object, from a score and a difference for each
/// anchor: the second stage of a detector looks at these.
///
/// The best of each level are decoded, cut at the edges of the image and freed of overlaps; always
/// as many boxes come out, the last ones empty if fewer are left. No gradient passes. Source: Ren
/// and others 2015, https://arxiv.org/abs/1506.01497, section 3.1. Deviation: overlaps are removed
/// over all levels together, and training and deployment keep the same numbers of boxes.
public struct ProposalLayer: Layer {
  /// `proposals`.
  public static let kind = "proposals"

  /// The anchors.
  public var anchors: AnchorGrid
  /// The boxes that come out.
  public var count: Int
  /// The boxes of each level that overlaps are looked for among.
  public var candidates: Int
  /// The largest overlap of two boxes that come out.
  public var threshold: Double

  /// Creates a layer.
  public init(
    anchors: AnchorGrid, count: Int, candidates: Int = 256, threshold: Double = 0.7
  ) {
    self.anchors = anchors
    self.count = count
    self.candidates = candidates
    self.threshold = threshold
  }

  /// Scores `[anchors, 1]` and differences `[anchors, 4]`.
  public var inputCount: ClosedRange<Int> { 2...2 }

  /// `[count, 4]`: the left, upper, right and lower edges, in pixels of the image.
  public func outputShape(_ inputs: [Shape]) throws(LayerError) -> Shape {
    guard count > 0, candidates > 0, inputs == [[anchors.count, 1], [anchors.count, 4]] else {
      throw .shape(expected: "[\(anchors.count), 1] and [\(anchors.count), 4]", found: inputs)
    }
    return [count, 4]
  }

  /// Chooses.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Variable<Scalar>], parameters: [Variable<Scalar>],
    context: inout LayerContext<Scalar>
  ) -> Variable<Scalar> {
    let (scores, differences) = (inputs[0].value, inputs[1].value)
    let batch = scores.shape[0]
    let value = scores.withUnsafeBufferPointer { scores in
      differences.withUnsafeBufferPointer { differences in
        Tensor<Scalar>([batch, count, 4]) { values in
          nonisolated(unsafe) let (scores, differences, values) = (scores, differences, values)
          ThreadPool.current.forEach(batch) { image in
            let first = image * anchors.count
            let found = proposals(
              scores: { Float(scores[first + $0]) }, differences: { differences.quad(first + $0) })
            let empty = BoundingBox(left: 0, top: 0, right: 0, bottom: 0)
            for place in 0..<count {
              values.initialize(
                image * count + place, to: place < found.count ? found[place] : empty)
            }
          }
        }
      }
    }
    return Variable(value)
  }

  /// The proposals of one image, at most ``count``.
  private func proposals(
    scores: (Int) -> Float, differences: (Int) -> SIMD4<Float>
  ) -> [BoundingBox] {
    let image = BoundingBox(
      left: 0, top: 0, right: Float(anchors.imageWidth), bottom: Float(anchors.imageHeight))
    let coder = BoxCoder()
    let chosen = anchors.levelRanges.flatMap { range in
      range.map { (anchor: $0, score: scores($0)) }
        .sorted { $0.score == $1.score ? $0.anchor < $1.anchor : $0.score > $1.score }
        .prefix(candidates)
    }
    let decoded = chosen.map {
      coder.decoded(differences($0.anchor), from: anchors.boxes[$0.anchor]).clamped(to: image)
    }
    return NonMaximumSuppression.kept(
      boxes: decoded, scores: chosen.map(\.score), threshold: Float(threshold), limit: count
    ).map { decoded[$0] }
  }
}

/// The features of boxes, each from the one of several maps that suits its size, on grids of one
/// size.
///
/// Boxes below a side are looked up in the finest map, and every doubling goes up one map. Source:
/// Lin and others 2017, https://arxiv.org/abs/1612.03144, equation 1.
public struct RegionAlignLayer: Layer {
  /// `region_align`.
  public static let kind = "region_align"

  /// The rows of the image.
  public var imageHeight: Int
  /// The columns of the image.
  public var imageWidth: Int
  /// The rows and columns of a grid.
  public var resolution: Int
  /// The samples of a cell along each axis.
  public var sampling: Int
  /// The side in pixels, the root of the area, from which a box is looked up in the second map.
  public var coarserFrom: Double

  /// Creates a layer.
  public init(
    imageHeight: Int, imageWidth: Int, resolution: Int = 7, sampling: Int = 2,
    coarserFrom: Double = 112
  ) {
    self.imageHeight = imageHeight
    self.imageWidth = imageWidth
    self.resolution = resolution
    self.sampling = sampling
    self.coarserFrom = coarserFrom
  }

  /// Boxes `[count, 4]` and the maps `[height, width, channels]`, from the finest to the coarsest.
  public var inputCount: ClosedRange<Int> { 2...16 }

  /// `[count, resolution, resolution, channels]`.
  public func outputShape(_ inputs: [Shape]) throws(LayerError) -> Shape {
    guard inputs[0].rank == 2, inputs[0][1] == 4,
      inputs.dropFirst().allSatisfy({ $0.rank == 3 && $0[2] == inputs[1][2] }),
      imageHeight > 0, imageWidth > 0, resolution > 0, (1...64).contains(sampling), coarserFrom > 0
    else {
      throw .shape(
        expected: "boxes [count, 4] and maps [height, width, channels] of equal channels",
        found: inputs)
    }
    return [inputs[0][0], resolution, resolution, inputs[1][2]]
  }

  /// The sides between which boxes are looked up in each of some maps.
  public func sides(levelCount: Int) -> [Range<Double>] {
    (0..<levelCount).map { level in
      let from = level == 0 ? 0 : coarserFrom * Double(1 << (level - 1))
      let to = level == levelCount - 1 ? .infinity : coarserFrom * Double(1 << level)
      return from..<to
    }
  }

  /// Samples.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Variable<Scalar>], parameters: [Variable<Scalar>],
    context: inout LayerContext<Scalar>
  ) -> Variable<Scalar> {
    let boxes = inputs[0].value
    let (batch, count) = (boxes.shape[0], boxes.shape[1])
    let maps = Array(inputs.dropFirst())
    let sides = sides(levelCount: maps.count)
    let regions = boxes.withUnsafeBufferPointer { boxes in
      (0..<batch * count).map { index in
        let box = boxes.box(index)
        let side = Double(box.area).squareRoot()
        let level = sides.firstIndex { $0.contains(side) } ?? 0
        let across = Double(maps[level].shape[2]) / Double(imageWidth)
        let down = Double(maps[level].shape[1]) / Double(imageHeight)
        return FeatureRegion(
          image: index / count, level: level, left: Double(box.left) * across,
          top: Double(box.top) * down, right: Double(box.right) * across,
          bottom: Double(box.bottom) * down)
      }
    }
    let value = Variable.apply(
      RegionAlign(regions, resolution: resolution, sampling: sampling), maps)
    return .apply(
      Reshape([batch, count, resolution, resolution, value.shape[-1]]), [value])
  }
}
