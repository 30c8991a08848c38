public import Autodiff
public import Boxes
public import Tensors

/// Boxes in pixels from differences: from anchors, or from boxes that another layer has found.
///
/// No gradient passes: training compares differences.
public struct BoxDecodeLayer: Layer {
  /// `box_decode`.
  public static let kind = "box_decode"

  /// How differences are written.
  public var coder: BoxCoder
  /// The rows of the image, at whose edges boxes end.
  public var imageHeight: Int
  /// The columns of the image.
  public var imageWidth: Int
  /// What differences are from; nil: the second input.
  public var anchors: AnchorGrid?

  /// Boxes that differ from anchors.
  public init(anchors: AnchorGrid, coder: BoxCoder = BoxCoder()) {
    self.coder = coder
    self.anchors = anchors
    imageHeight = anchors.imageHeight
    imageWidth = anchors.imageWidth
  }

  /// Boxes that differ from those of the second input.
  public init(imageHeight: Int, imageWidth: Int, coder: BoxCoder = .refinement) {
    self.coder = coder
    self.imageHeight = imageHeight
    self.imageWidth = imageWidth
  }

  /// Differences `[count, 4 · classes]`, and without anchors boxes `[count, 4]`.
  public var inputCount: ClosedRange<Int> { anchors == nil ? 2...2 : 1...1 }

  /// `[count, 4 · classes]`: left, upper, right and lower edges.
  public func outputShape(_ inputs: [Shape]) throws(LayerError) -> Shape {
    guard inputs[0].rank == 2, inputs[0][1] > 0, inputs[0][1] % 4 == 0,
      anchors.map({ $0.count == inputs[0][0] }) ?? (inputs.last == [inputs[0][0], 4])
    else {
      let rows = anchors.map { "\($0.count)" } ?? "count"
      throw .shape(
        expected: "[\(rows), 4 · classes]" + (anchors == nil ? " and [count, 4]" : ""),
        found: inputs)
    }
    return inputs[0]
  }

  /// Decodes.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Variable<Scalar>], parameters: [Variable<Scalar>],
    context: inout LayerContext<Scalar>
  ) -> Variable<Scalar> {
    let differences = inputs[0].value
    // Boxes of all classes differ from the same one.
    let (count, classes) = (differences.shape[1], differences.shape[2] / 4)
    let image = BoundingBox(
      left: 0, top: 0, right: Float(imageWidth), bottom: Float(imageHeight))
    let references = inputs.last?.value ?? differences
    let value = differences.withUnsafeBufferPointer { differences in
      references.withUnsafeBufferPointer { references in
        Tensor<Scalar>(inputs[0].shape) { result in
          for index in 0..<differences.count / 4 {
            let row = index / classes
            let reference = anchors?.boxes[row % count] ?? references.box(row)
            result.initialize(
              index, to: coder.decoded(differences.quad(index), from: reference).clamped(to: image))
          }
        }
      }
    }
    return Variable(value)
  }
}
