/// The sizes a two-dimensional convolution works with, in the engine's channels-last layout.
///
/// # Shapes
/// - input: `[batch, height, width, inputChannels]`
/// - weight: `[kernel.height, kernel.width, inputChannels / groups, outputChannels]`
/// - output: `[batch, outputHeight, outputWidth, outputChannels]`
package struct ConvolutionGeometry: Hashable, Sendable {
  package var batch: Int
  package var height: Int
  package var width: Int
  package var inputChannels: Int
  package var outputChannels: Int
  package var kernel: Extent2D
  package var stride: Extent2D
  package var padding: EdgePadding
  package var dilation: Extent2D
  package var groups: Int

  package init(
    batch: Int, height: Int, width: Int, inputChannels: Int, outputChannels: Int,
    kernel: Extent2D, stride: Extent2D, padding: EdgePadding, dilation: Extent2D, groups: Int
  ) {
    self.batch = batch
    self.height = height
    self.width = width
    self.inputChannels = inputChannels
    self.outputChannels = outputChannels
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
    self.groups = groups
  }

  /// How many rows a window covers, dilation included.
  package var reachHeight: Int { dilation.height * (kernel.height - 1) + 1 }

  /// How many columns a window covers, dilation included.
  package var reachWidth: Int { dilation.width * (kernel.width - 1) + 1 }

  package var outputHeight: Int {
    (height + padding.top + padding.bottom - reachHeight) / stride.height + 1
  }

  package var outputWidth: Int {
    (width + padding.left + padding.right - reachWidth) / stride.width + 1
  }

  /// Whether a window fits into the padded input and the groups divide the channels.
  package var isValid: Bool {
    height + padding.top + padding.bottom >= reachHeight
      && width + padding.left + padding.right >= reachWidth
      && groups > 0 && inputChannels % groups == 0 && outputChannels % groups == 0
      && stride.height > 0 && stride.width > 0
  }

  /// Output positions over the whole batch.
  package var positions: Int { batch * outputHeight * outputWidth }

  /// Input values one output value of a group is made from.
  package var patchLength: Int { kernel.area * inputChannels / groups }

  package var inputShape: Shape { [batch, height, width, inputChannels] }
  package var outputShape: Shape { [batch, outputHeight, outputWidth, outputChannels] }
  package var weightShape: Shape {
    [kernel.height, kernel.width, inputChannels / groups, outputChannels]
  }

  /// Whether the output is a matrix product of the input as it lies in memory.
  package var isPointwise: Bool {
    kernel.area == 1 && stride.area == 1 && padding.isNone && groups == 1
  }

  /// Whether every channel is convolved with its own single filter.
  package var isDepthwise: Bool {
    groups == inputChannels && outputChannels == inputChannels && groups > 1
  }

  /// How many output positions are gathered and multiplied at a time, so that the gathered
  /// patches stay in a core's second-level cache.
  package var tileLength: Int {
    let budget = 96 * 1024
    return max(16, min(1024, budget / max(patchLength, 1)) / 8 * 8)
  }

  /// The geometry whose forward pass is this one's input gradient, for stride 1 and a padding no
  /// wider than the window; `nil` otherwise.
  package var inputGradientAsConvolution: ConvolutionGeometry? {
    let rows = reachHeight - 1
    let columns = reachWidth - 1
    guard stride.area == 1, groups == 1, padding.top <= rows, padding.bottom <= rows,
      padding.left <= columns, padding.right <= columns
    else { return nil }
    var reverse = self
    reverse.height = outputHeight
    reverse.width = outputWidth
    reverse.inputChannels = outputChannels
    reverse.outputChannels = inputChannels
    reverse.padding = EdgePadding(
      top: rows - padding.top, bottom: rows - padding.bottom,
      left: columns - padding.left, right: columns - padding.right)
    return reverse
  }
}
