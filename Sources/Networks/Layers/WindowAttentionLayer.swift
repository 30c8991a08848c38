public import Autodiff
public import Tensors

/// Multi-head self-attention of the pixels of an image inside windows, with a learned bias for
/// every relative position: Liu and others 2021, https://arxiv.org/abs/2103.14030, section 3.2.
///
/// A window as large as the image makes it attention of every pixel to every other one. An image
/// that the windows do not divide is padded with zeros below and to the right, which take part as
/// other pixels do; a shift moves the windows cyclically, and pixels that only meet at the seam
/// do not attend to each other. Along an axis with one window nothing is shifted.
public struct WindowAttentionLayer: Layer {
  /// `window_attention`.
  public static let kind = "window_attention"

  /// The extent of the last axis.
  public var channels: Int
  /// How many heads share the channels.
  public var heads: Int
  /// The height and width of a window.
  public var window: Int
  /// How far the windows are moved down and to the right.
  public var shift: Int

  /// Creates a layer.
  public init(channels: Int, heads: Int, window: Int, shift: Int = 0) {
    self.channels = channels
    self.heads = heads
    self.window = window
    self.shift = shift
  }

  /// `qkv.weight` `[channels, 3 channels]` and `qkv.bias`, `proj.weight` `[channels, channels]` and
  /// `proj.bias`, and `relative_position_bias_table` `[(2 window − 1)², heads]`.
  public var parameters: [ParameterSpecification] {
    [
      ParameterSpecification(
        "qkv.weight", [channels, 3 * channels], .weight, .uniform(fan: channels)),
      ParameterSpecification("qkv.bias", [3 * channels], .offset, .constant(0)),
      ParameterSpecification(
        "proj.weight", [channels, channels], .weight, .uniform(fan: channels)),
      ParameterSpecification("proj.bias", [channels], .offset, .constant(0)),
      ParameterSpecification(
        "relative_position_bias_table", [(2 * window - 1) * (2 * window - 1), heads], .offset,
        .normal(standardDeviation: 0.02)),
    ]
  }

  /// The input's shape.
  public func outputShape(_ inputs: [Shape]) throws(LayerError) -> Shape {
    guard inputs[0].rank == 3, inputs[0][2] == channels, heads > 0, channels % heads == 0,
      window > 0, (0..<window).contains(shift)
    else {
      throw .shape(
        expected: "an image of \(channels) channels for \(heads) heads", found: inputs)
    }
    return inputs[0]
  }

  /// Both projections, and the two products of every window.
  public func multiplyAccumulates(inputs: [Shape], output: Shape) -> Int {
    let plan = Plan(self, height: output[0], width: output[1])
    let pixels = plan.height * plan.width
    return pixels * channels * (4 * channels + 2 * window * window)
  }

  /// Attends.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Variable<Scalar>], parameters: [Variable<Scalar>],
    context: inout LayerContext<Scalar>
  ) -> Variable<Scalar> {
    let shape = inputs[0].shape
    let plan = Plan(self, height: shape[1], width: shape[2])
    let length = plan.length
    var image = inputs[0]
    if plan.isPadded {
      image = .apply(
        Pad(
          before: [0, 0, 0, 0],
          after: [0, plan.height - shape[1], plan.width - shape[2], 0]), [image])
    }
    image = rolled(image, down: plan.shift.height, right: plan.shift.width)
    let pixels =
      image
      .reshaped(-1, plan.rows, window, plan.columns, window, channels)
      .transposed(0, 1, 3, 2, 4, 5)
      .reshaped(-1, length, channels)
    let projected = Variable.apply(Linear(), [pixels, parameters[0], parameters[1]])
      .reshaped(-1, length, 3, heads, channels / heads)
      .transposed(2, 0, 3, 1, 4)
    func part(_ index: Int) -> Variable<Scalar> {
      projected.sliced(axis: 0, index..<index + 1)
        .reshaped(-1, heads, length, channels / heads)
    }
    let product = Variable.apply(
      MatrixMultiplication(transposeRight: true),
      [part(0) * (1 / Double(channels / heads).squareRoot()), part(1)])
    let bias = parameters[4].rows(at: plan.biasIndices).reshaped(length, length, heads)
      .transposed(2, 0, 1)
    var scores = product + bias
    if let mask = plan.mask {
      let mask = Variable(
        Tensor<Scalar>([plan.windows, 1, length, length], mask.map { Scalar($0) }))
      scores =
        (scores.reshaped(-1, plan.windows, heads, length, length) + mask)
        .reshaped(-1, heads, length, length)
    }
    let attended = Variable.apply(MatrixMultiplication(), [scores.softmax(), part(2)])
      .transposed(0, 2, 1, 3)
      .reshaped(-1, length, channels)
    var result = Variable.apply(Linear(), [attended, parameters[2], parameters[3]])
      .reshaped(-1, plan.rows, plan.columns, window, window, channels)
      .transposed(0, 1, 3, 2, 4, 5)
      .reshaped(-1, plan.height, plan.width, channels)
    result = rolled(
      result, down: plan.height - plan.shift.height, right: plan.width - plan.shift.width)
    guard plan.isPadded else { return result }
    return result.sliced(axis: 1, 0..<shape[1]).sliced(axis: 2, 0..<shape[2])
  }

  /// An image whose pixel `(y, x)` is pixel `(y + down, x + right)`, cyclically.
  private func rolled<Scalar: TensorScalar>(
    _ image: Variable<Scalar>, down: Int, right: Int
  ) -> Variable<Scalar> {
    var image = image
    for (axis, amount) in [(1, down), (2, right)] {
      let extent = image.shape[axis]
      guard amount % extent != 0 else { continue }
      image = .concatenated(
        [image.sliced(axis: axis, amount..<extent), image.sliced(axis: axis, 0..<amount)],
        axis: axis)
    }
    return image
  }
}

extension WindowAttentionLayer {
  /// How windows lie on an image of a size.
  package struct Plan {
    /// The image's height with padding.
    package let height: Int
    /// The image's width with padding.
    package let width: Int
    /// Whether there is padding.
    package let isPadded: Bool
    /// How many windows lie below one another.
    package let rows: Int
    /// How many windows lie side by side.
    package let columns: Int
    /// How far the windows are moved.
    package let shift: Extent2D
    /// The pixels of a window.
    package let length: Int
    /// For each pair of a window's pixels, the row of the table of biases.
    package let biasIndices: [Int32]
    /// What is added to the scores of each pair of pixels of each window, if windows are moved.
    package let mask: [Double]?

    /// How many windows an image has.
    package var windows: Int { rows * columns }

    /// Lays the windows of a layer on an image.
    package init(_ layer: WindowAttentionLayer, height: Int, width: Int) {
      let window = layer.window
      rows = (height + window - 1) / window
      columns = (width + window - 1) / window
      self.height = rows * window
      self.width = columns * window
      isPadded = self.height != height || self.width != width
      shift = Extent2D(
        height: rows > 1 ? layer.shift : 0, width: columns > 1 ? layer.shift : 0)
      length = window * window
      biasIndices = (0..<length).flatMap { query in
        (0..<window * window).map { key in
          let down = query / window - key / window + window - 1
          let right = query % window - key % window + window - 1
          return Int32(down * (2 * window - 1) + right)
        }
      }
      mask = Plan.mask(
        window: window, rows: rows, columns: columns, shift: shift)
    }

    /// −100 for pairs of pixels that are in one window but not side by side in the image, else 0.
    private static func mask(
      window: Int, rows: Int, columns: Int, shift: Extent2D
    ) -> [Double]? {
      guard shift.height > 0 || shift.width > 0 else { return nil }
      func region(_ position: Int, _ extent: Int, _ shift: Int) -> Int {
        position < extent - window ? 0 : position < extent - shift ? 1 : 2
      }
      var mask: [Double] = []
      mask.reserveCapacity(rows * columns * window * window * window * window)
      for row in 0..<rows {
        for column in 0..<columns {
          let regions = (0..<window * window).map { pixel in
            3 * region(row * window + pixel / window, rows * window, shift.height)
              + region(column * window + pixel % window, columns * window, shift.width)
          }
          for query in regions {
            for key in regions { mask.append(query == key ? 0 : -100) }
          }
        }
      }
      return mask
    }
  }
}
