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
    let count = anchors?.count ?? (inputs.count > 1 ? inputs[1][0] : 0)
    let isFitting = anchors != nil || inputs[1] == [count, 4]
    guard inputs[0].rank == 2, inputs[0][0] == count, inputs[0][1] % 4 == 0, isFitting else {
      throw .shape(
        expected: anchors == nil
          ? "[count, 4 · classes] and [count, 4]" : "[\(count), 4 · classes]", found: inputs)
    }
    return inputs[0]
  }

  /// Decodes.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Variable<Scalar>], parameters: [Variable<Scalar>],
    context: inout LayerContext<Scalar>
  ) -> Variable<Scalar> {
    let differences = inputs[0].value
    let (count, width) = (differences.shape[1], differences.shape[2])
    let anchors = anchors?.boxes
    let image = BoundingBox(
      left: 0, top: 0, right: Float(imageWidth), bottom: Float(imageHeight))
    let boxes = inputs.last?.value ?? differences
    let value = differences.withUnsafeBufferPointer { differences in
      boxes.withUnsafeBufferPointer { boxes in
        Tensor<Scalar>(inputs[0].shape) { result in
          for row in 0..<inputs[0].shape[0] * count {
            let reference =
              anchors?[row % count]
              ?? BoundingBox(
                left: Float(boxes[row * 4]), top: Float(boxes[row * 4 + 1]),
                right: Float(boxes[row * 4 + 2]), bottom: Float(boxes[row * 4 + 3]))
            for start in stride(from: row * width, to: (row + 1) * width, by: 4) {
              let box = coder.decoded(
                SIMD4(
                  Float(differences[start]), Float(differences[start + 1]),
                  Float(differences[start + 2]), Float(differences[start + 3])), from: reference
              ).clamped(to: image)
              result.initializeElement(at: start, to: Scalar(box.left))
              result.initializeElement(at: start + 1, to: Scalar(box.top))
              result.initializeElement(at: start + 2, to: Scalar(box.right))
              result.initializeElement(at: start + 3, to: Scalar(box.bottom))
            }
          }
        }
      }
    }
    return Variable(value)
  }
}
