/// The sizes a pooling window slides over, in the engine's channels-last layout.
///
/// # Shapes
/// - input: `[batch, height, width, channels]`
/// - output: `[batch, outputHeight, outputWidth, channels]`
package struct PoolingGeometry: Hashable, Sendable {
  package var batch: Int
  package var height: Int
  package var width: Int
  package var channels: Int
  package var kernel: Extent2D
  package var stride: Extent2D
  package var padding: EdgePadding
  /// Whether a last window that hangs over the end of the padded input counts.
  package var ceilMode: Bool

  package init(
    batch: Int, height: Int, width: Int, channels: Int, kernel: Extent2D, stride: Extent2D,
    padding: EdgePadding, ceilMode: Bool
  ) {
    self.batch = batch
    self.height = height
    self.width = width
    self.channels = channels
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    self.ceilMode = ceilMode
  }

  package var outputHeight: Int {
    steps(height, kernel.height, stride.height, padding.top, padding.bottom)
  }

  package var outputWidth: Int {
    steps(width, kernel.width, stride.width, padding.left, padding.right)
  }

  package var isValid: Bool {
    height + padding.top + padding.bottom >= kernel.height
      && width + padding.left + padding.right >= kernel.width
      && stride.height > 0 && stride.width > 0 && kernel.area > 0
      && max(padding.top, padding.bottom) < kernel.height
      && max(padding.left, padding.right) < kernel.width
  }

  package var inputShape: Shape { [batch, height, width, channels] }
  package var outputShape: Shape { [batch, outputHeight, outputWidth, channels] }

  private func steps(_ extent: Int, _ kernel: Int, _ stride: Int, _ before: Int, _ after: Int)
    -> Int
  {
    let span = extent + before + after - kernel
    var count = span / stride + 1
    if ceilMode {
      count = (span + stride - 1) / stride + 1
      // The last window has to begin inside the input or its leading padding.
      if (count - 1) * stride >= extent + before { count -= 1 }
    }
    return count
  }

  /// The rows and columns of the input under a window, clipped to the image.
  func window(_ outputRow: Int, _ outputColumn: Int) -> (rows: Range<Int>, columns: Range<Int>) {
    let top = outputRow * stride.height - padding.top
    let left = outputColumn * stride.width - padding.left
    return (
      max(top, 0)..<max(max(top, 0), min(top + kernel.height, height)),
      max(left, 0)..<max(max(left, 0), min(left + kernel.width, width))
    )
  }

  /// How many values an average divides by when padding counts: the window clipped to the padded
  /// input, as PyTorch has it.
  func paddedWindowArea(_ outputRow: Int, _ outputColumn: Int) -> Int {
    let top = outputRow * stride.height - padding.top
    let left = outputColumn * stride.width - padding.left
    let rows = min(top + kernel.height, height + padding.bottom) - top
    let columns = min(left + kernel.width, width + padding.right) - left
    return rows * columns
  }
}

/// The largest value under each window, and where in the image it stands.
///
/// - Returns: the values, and for each the pixel index (`row · width + column`) of the first
///   largest input.
package func maxPool<Scalar: TensorScalar>(
  _ geometry: PoolingGeometry, input: Tensor<Scalar>
) -> (output: Tensor<Scalar>, pixels: PooledBuffer<Int32>) {
  let pixels = PooledBuffer<Int32>(count: geometry.outputShape.elementCount)
  let output = Tensor<Scalar>(geometry.outputShape) { output in
    input.withUnsafeBufferPointer { input in
      guard let output = output.baseAddress, let input = input.baseAddress else { return }
      maxPool(geometry, input: input, output: output, pixels: pixels.base)
    }
  }
  return (output, pixels)
}

/// The largest value under each window.
package func maxPoolValues<Scalar: TensorScalar>(
  _ geometry: PoolingGeometry, input: Tensor<Scalar>
) -> Tensor<Scalar> {
  Tensor(geometry.outputShape) { output in
    input.withUnsafeBufferPointer { input in
      guard let output = output.baseAddress, let input = input.baseAddress else { return }
      maxPoolValues(geometry, input: input, output: output)
    }
  }
}

@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func maxPoolValues<Scalar: TensorScalar>(
  _ geometry: PoolingGeometry, input: UnsafePointer<Scalar>, output: UnsafeMutablePointer<Scalar>
) {
  let channels = geometry.channels
  let outputHeight = geometry.outputHeight
  let outputWidth = geometry.outputWidth
  let imageLength = geometry.height * geometry.width * channels
  ThreadPool.current.forEachChunk(of: geometry.batch * outputHeight) { lines in
    for line in lines {
      let image = input + line / outputHeight * imageLength
      for outputColumn in 0..<outputWidth {
        let window = geometry.window(line % outputHeight, outputColumn)
        let target = output + (line * outputWidth + outputColumn) * channels
        let first = window.rows.lowerBound * geometry.width + window.columns.lowerBound
        target.update(from: image + first * channels, count: channels)
        for row in window.rows {
          for column in window.columns {
            let source = image + (row * geometry.width + column) * channels
            // A NaN is taken over, as it would be lost in a plain comparison.
            mapElements(source, target, into: target, count: channels) {
              $0 > $1 || $0 != $0 ? $0 : $1
            }
          }
        }
      }
    }
  }
}

@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func maxPool<Scalar: TensorScalar>(
  _ geometry: PoolingGeometry, input: UnsafePointer<Scalar>, output: UnsafeMutablePointer<Scalar>,
  pixels: UnsafeMutablePointer<Int32>
) {
  let channels = geometry.channels
  let outputHeight = geometry.outputHeight
  let outputWidth = geometry.outputWidth
  let imageLength = geometry.height * geometry.width * channels
  ThreadPool.current.forEachChunk(of: geometry.batch * outputHeight) { lines in
    for line in lines {
      let image = input + line / outputHeight * imageLength
      for outputColumn in 0..<outputWidth {
        let window = geometry.window(line % outputHeight, outputColumn)
        let offset = (line * outputWidth + outputColumn) * channels
        let target = output + offset
        let chosen = pixels + offset
        let first = window.rows.lowerBound * geometry.width + window.columns.lowerBound
        for channel in 0..<channels {
          target[channel] = image[first * channels + channel]
          chosen[channel] = Int32(truncatingIfNeeded: first)
        }
        for row in window.rows {
          for column in window.columns {
            let pixel = row * geometry.width + column
            let source = image + pixel * channels
            for channel in 0..<channels {
              // A NaN is taken over, as it would be lost in a plain comparison.
              let better = source[channel] > target[channel] || source[channel].isNaN
              target[channel] = better ? source[channel] : target[channel]
              chosen[channel] = better ? Int32(truncatingIfNeeded: pixel) : chosen[channel]
            }
          }
        }
      }
    }
  }
}

/// Sends the gradient of each maximum to the input it was taken from.
package func maxPoolInputGradient<Scalar: TensorScalar>(
  _ geometry: PoolingGeometry, outputGradient: Tensor<Scalar>, pixels: PooledBuffer<Int32>
) -> Tensor<Scalar> {
  Tensor(geometry.inputShape) { result in
    outputGradient.withUnsafeBufferPointer { gradient in
      guard let result = result.baseAddress, let gradient = gradient.baseAddress else { return }
      maxPoolInputGradient(
        geometry, outputGradient: gradient, pixels: pixels.base, result: result)
    }
  }
}

@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func maxPoolInputGradient<Scalar: TensorScalar>(
  _ geometry: PoolingGeometry, outputGradient: UnsafePointer<Scalar>,
  pixels: UnsafePointer<Int32>, result: UnsafeMutablePointer<Scalar>
) {
  let channels = geometry.channels
  let imageLength = geometry.height * geometry.width * channels
  let outputArea = geometry.outputHeight * geometry.outputWidth
  ThreadPool.current.forEachChunk(of: geometry.batch) { images in
    for index in images {
      let image = result + index * imageLength
      image.initialize(repeating: 0, count: imageLength)
      for position in index * outputArea..<(index + 1) * outputArea {
        for channel in 0..<channels {
          let offset = position * channels + channel
          image[Int(pixels[offset]) * channels + channel] += outputGradient[offset]
        }
      }
    }
  }
}

/// The mean of the values under each window.
///
/// - Parameter countsPadding: whether padding counts as zeros in the mean.
package func averagePool<Scalar: TensorScalar>(
  _ geometry: PoolingGeometry, countsPadding: Bool, input: Tensor<Scalar>
) -> Tensor<Scalar> {
  Tensor(geometry.outputShape) { output in
    input.withUnsafeBufferPointer { input in
      guard let output = output.baseAddress, let input = input.baseAddress else { return }
      averagePool(geometry, countsPadding: countsPadding, input: input, output: output)
    }
  }
}

@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func averagePool<Scalar: TensorScalar>(
  _ geometry: PoolingGeometry, countsPadding: Bool, input: UnsafePointer<Scalar>,
  output: UnsafeMutablePointer<Scalar>
) {
  let channels = geometry.channels
  let outputHeight = geometry.outputHeight
  let outputWidth = geometry.outputWidth
  let imageLength = geometry.height * geometry.width * channels
  ThreadPool.current.forEachChunk(of: geometry.batch * outputHeight) { lines in
    for line in lines {
      let image = input + line / outputHeight * imageLength
      for outputColumn in 0..<outputWidth {
        let outputRow = line % outputHeight
        let window = geometry.window(outputRow, outputColumn)
        let target = output + (line * outputWidth + outputColumn) * channels
        for channel in 0..<channels { target[channel] = 0 }
        for row in window.rows {
          for column in window.columns {
            let source = image + (row * geometry.width + column) * channels
            for channel in 0..<channels { target[channel] += source[channel] }
          }
        }
        let area =
          countsPadding
          ? geometry.paddedWindowArea(outputRow, outputColumn)
          : window.rows.count * window.columns.count
        let scale = 1 / Scalar(max(area, 1))
        for channel in 0..<channels { target[channel] *= scale }
      }
    }
  }
}

/// Spreads the gradient of each mean evenly over its window.
package func averagePoolInputGradient<Scalar: TensorScalar>(
  _ geometry: PoolingGeometry, countsPadding: Bool, outputGradient: Tensor<Scalar>
) -> Tensor<Scalar> {
  Tensor(geometry.inputShape) { result in
    outputGradient.withUnsafeBufferPointer { gradient in
      guard let result = result.baseAddress, let gradient = gradient.baseAddress else { return }
      averagePoolInputGradient(
        geometry, countsPadding: countsPadding, outputGradient: gradient, result: result)
    }
  }
}

@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func averagePoolInputGradient<Scalar: TensorScalar>(
  _ geometry: PoolingGeometry, countsPadding: Bool, outputGradient: UnsafePointer<Scalar>,
  result: UnsafeMutablePointer<Scalar>
) {
  let channels = geometry.channels
  let imageLength = geometry.height * geometry.width * channels
  let outputHeight = geometry.outputHeight
  let outputWidth = geometry.outputWidth
  ThreadPool.current.forEachChunk(of: geometry.batch) { images in
    for index in images {
      let image = result + index * imageLength
      image.initialize(repeating: 0, count: imageLength)
      for outputRow in 0..<outputHeight {
        for outputColumn in 0..<outputWidth {
          let window = geometry.window(outputRow, outputColumn)
          let position = (index * outputHeight + outputRow) * outputWidth + outputColumn
          let gradient = outputGradient + position * channels
          let area =
            countsPadding
            ? geometry.paddedWindowArea(outputRow, outputColumn)
            : window.rows.count * window.columns.count
          let scale = 1 / Scalar(max(area, 1))
          for row in window.rows {
            for column in window.columns {
              let target = image + (row * geometry.width + column) * channels
              for channel in 0..<channels { target[channel] += scale * gradient[channel] }
            }
          }
        }
      }
    }
  }
}

/// The mean over all pixels of each image: `[batch, height, width, channels]` to
/// `[batch, channels]`.
package func globalAveragePool<Scalar: TensorScalar>(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
  let batch = input.shape[0]
  let channels = input.shape[-1]
  let area = input.shape.product(1..<input.shape.rank - 1)
  return Tensor([batch, channels]) { output in
    input.withUnsafeBufferPointer { input in
      guard let output = output.baseAddress, let input = input.baseAddress else { return }
      sumPixels(input, batch: batch, area: area, channels: channels, output: output)
    }
  }
}

@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func sumPixels<Scalar: TensorScalar>(
  _ input: UnsafePointer<Scalar>, batch: Int, area: Int, channels: Int,
  output: UnsafeMutablePointer<Scalar>
) {
  let scale = 1 / Scalar(max(area, 1))
  ThreadPool.current.forEachChunk(of: batch, grain: max(1, 4096 / max(area * channels, 1))) {
    images in
    for index in images {
      let target = output + index * channels
      for channel in 0..<channels { target[channel] = 0 }
      for pixel in 0..<area {
        let source = input + (index * area + pixel) * channels
        for channel in 0..<channels { target[channel] += source[channel] }
      }
      for channel in 0..<channels { target[channel] *= scale }
    }
  }
}

/// Spreads the gradient of each image's mean evenly over its pixels.
package func globalAveragePoolInputGradient<Scalar: TensorScalar>(
  _ outputGradient: Tensor<Scalar>, inputShape: Shape
) -> Tensor<Scalar> {
  let channels = inputShape[-1]
  let area = inputShape.product(1..<inputShape.rank - 1)
  return Tensor(inputShape) { result in
    outputGradient.withUnsafeBufferPointer { gradient in
      guard let result = result.baseAddress, let gradient = gradient.baseAddress else { return }
      spreadOverPixels(
        gradient, batch: inputShape[0], area: area, channels: channels, result: result)
    }
  }
}

@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func spreadOverPixels<Scalar: TensorScalar>(
  _ gradient: UnsafePointer<Scalar>, batch: Int, area: Int, channels: Int,
  result: UnsafeMutablePointer<Scalar>
) {
  let scale = 1 / Scalar(max(area, 1))
  for index in 0..<batch {
    let source = gradient + index * channels
    for pixel in 0..<area {
      let target = result + (index * area + pixel) * channels
      for channel in 0..<channels { target[channel] = scale * source[channel] }
    }
  }
}
