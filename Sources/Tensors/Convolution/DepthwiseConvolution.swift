/// Convolves each channel with its own filter, vectorised over channels.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func convolveDepthwise<Scalar: TensorScalar>(
  _ geometry: ConvolutionGeometry, input: UnsafePointer<Scalar>, weight: UnsafePointer<Scalar>,
  bias: UnsafePointer<Scalar>?, activation: Activation?, output: UnsafeMutablePointer<Scalar>
) {
  let channels = geometry.inputChannels
  let outputWidth = geometry.outputWidth
  let outputHeight = geometry.outputHeight
  ThreadPool.current.forEachChunk(of: geometry.batch * outputHeight) { lines in
    for line in lines {
      let image = input + line / outputHeight * geometry.height * geometry.width * channels
      let top = line % outputHeight * geometry.stride.height - geometry.padding.top
      for outputColumn in 0..<outputWidth {
        let left = outputColumn * geometry.stride.width - geometry.padding.left
        let target = output + (line * outputWidth + outputColumn) * channels
        if let bias {
          for channel in 0..<channels { target[channel] = bias[channel] }
        } else {
          for channel in 0..<channels { target[channel] = 0 }
        }
        forEachTap(geometry, top: top, left: left) { tap, pixel in
          multiplyAdd(
            image + pixel * channels, weight + tap * channels, into: target, count: channels)
        }
      }
      activation?.apply(
        inPlace: output + line * outputWidth * channels, count: outputWidth * channels)
    }
  }
}

/// The gradient of a depthwise convolution's input.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func depthwiseInputGradient<Scalar: TensorScalar>(
  _ geometry: ConvolutionGeometry, outputGradient: UnsafePointer<Scalar>,
  weight: UnsafePointer<Scalar>, result: UnsafeMutablePointer<Scalar>
) {
  let channels = geometry.inputChannels
  let imageLength = geometry.height * geometry.width * channels
  let outputWidth = geometry.outputWidth
  let outputHeight = geometry.outputHeight
  ThreadPool.current.forEachChunk(of: geometry.batch) { images in
    for imageIndex in images {
      let image = result + imageIndex * imageLength
      image.initialize(repeating: 0, count: imageLength)
      for outputRow in 0..<outputHeight {
        let top = outputRow * geometry.stride.height - geometry.padding.top
        for outputColumn in 0..<outputWidth {
          let left = outputColumn * geometry.stride.width - geometry.padding.left
          let position = (imageIndex * outputHeight + outputRow) * outputWidth + outputColumn
          let gradient = outputGradient + position * channels
          forEachTap(geometry, top: top, left: left) { tap, pixel in
            multiplyAdd(
              gradient, weight + tap * channels, into: image + pixel * channels, count: channels)
          }
        }
      }
    }
  }
}

/// The gradient of a depthwise convolution's weight.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func depthwiseWeightGradient<Scalar: TensorScalar>(
  _ geometry: ConvolutionGeometry, input: UnsafePointer<Scalar>,
  outputGradient: UnsafePointer<Scalar>, result: UnsafeMutablePointer<Scalar>
) {
  let channels = geometry.inputChannels
  let size = geometry.kernel.area * channels
  let outputWidth = geometry.outputWidth
  let outputHeight = geometry.outputHeight
  let pool = ThreadPool.current
  let chunks = pool.chunks(of: geometry.batch * outputHeight)
  // A line sums into its own block before it is added, so that rounding grows less with the batch.
  let partial = PooledBuffer<Scalar>(count: max(1, chunks.count) * 2 * size)
  let sums = partial.base
  pool.forEach(chunks.count) { index in
    let total = sums + 2 * index * size
    let block = total + size
    total.initialize(repeating: 0, count: size)
    for line in chunks[index] {
      let image = input + line / outputHeight * geometry.height * geometry.width * channels
      let top = line % outputHeight * geometry.stride.height - geometry.padding.top
      block.initialize(repeating: 0, count: size)
      for outputColumn in 0..<outputWidth {
        let left = outputColumn * geometry.stride.width - geometry.padding.left
        let gradient = outputGradient + (line * outputWidth + outputColumn) * channels
        forEachTap(geometry, top: top, left: left) { tap, pixel in
          multiplyAdd(
            gradient, image + pixel * channels, into: block + tap * channels, count: channels)
        }
      }
      for element in 0..<size { total[element] += block[element] }
    }
  }
  result.initialize(repeating: 0, count: size)
  for index in 0..<chunks.count {
    let total = sums + 2 * index * size
    for element in 0..<size { result[element] += total[element] }
  }
}

/// Calls a body with each kernel tap of a window that lies inside the image, and its pixel.
@inline(__always)
private func forEachTap(
  _ geometry: ConvolutionGeometry, top: Int, left: Int, _ body: (_ tap: Int, _ pixel: Int) -> Void
) {
  for kernelRow in 0..<geometry.kernel.height {
    let row = top + kernelRow * geometry.dilation.height
    guard row >= 0 && row < geometry.height else { continue }
    for kernelColumn in 0..<geometry.kernel.width {
      let column = left + kernelColumn * geometry.dilation.width
      guard column >= 0 && column < geometry.width else { continue }
      body(kernelRow * geometry.kernel.width + kernelColumn, row * geometry.width + column)
    }
  }
}

/// Adds the element-wise product of two vectors to a third.
@inline(__always)
private func multiplyAdd<Scalar: TensorScalar>(
  _ left: UnsafePointer<Scalar>, _ right: UnsafePointer<Scalar>,
  into target: UnsafeMutablePointer<Scalar>, count: Int
) {
  var index = 0
  while index + 8 <= count {
    let a = UnsafeRawPointer(left + index).loadUnaligned(as: SIMD8<Scalar>.self)
    let b = UnsafeRawPointer(right + index).loadUnaligned(as: SIMD8<Scalar>.self)
    let c = UnsafeRawPointer(target + index).loadUnaligned(as: SIMD8<Scalar>.self)
    UnsafeMutableRawPointer(target + index).storeBytes(of: c + a * b, as: SIMD8<Scalar>.self)
    index += 8
  }
  while index < count {
    target[index] += left[index] * right[index]
    index += 1
  }
}
