/// Copies the input windows of consecutive output positions into the rows of a matrix.
///
/// - Parameters:
///   - positions: output positions, counted over the whole batch.
///   - channelOffset: the first input channel of the group.
///   - patches: receives `positions.count × patchLength` values, a row a position, ordered as the
///     weight's first three axes; what lies outside the image is zero.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func gatherPatches<Scalar: TensorScalar>(
  _ geometry: ConvolutionGeometry, input: UnsafePointer<Scalar>, positions: Range<Int>,
  channelOffset: Int, into patches: UnsafeMutablePointer<Scalar>
) {
  let outputWidth = geometry.outputWidth
  let outputArea = geometry.outputHeight * outputWidth
  let channels = geometry.inputChannels / geometry.groups
  let pixelStride = geometry.inputChannels
  let rowStride = geometry.width * pixelStride
  let kernel = geometry.kernel
  let dilation = geometry.dilation
  // With undilated windows over all channels, the pixels of a window's row lie side by side.
  let contiguousRows = dilation.width == 1 && geometry.groups == 1
  let windowRow = kernel.width * channels

  var target = patches
  var image = positions.lowerBound / outputArea
  var outputRow = positions.lowerBound % outputArea / outputWidth
  var outputColumn = positions.lowerBound % outputWidth
  for _ in positions {
    let top = outputRow * geometry.stride.height - geometry.padding.top
    let left = outputColumn * geometry.stride.width - geometry.padding.left
    let origin = input + image * geometry.height * rowStride + channelOffset
    let rowIsInside =
      contiguousRows && left >= 0 && left + kernel.width <= geometry.width
    for kernelRow in 0..<kernel.height {
      let row = top + kernelRow * dilation.height
      guard row >= 0 && row < geometry.height else {
        for index in 0..<windowRow { target[index] = 0 }
        target += windowRow
        continue
      }
      let line = origin + row * rowStride
      if rowIsInside {
        copy(line + left * pixelStride, to: target, count: windowRow)
        target += windowRow
        continue
      }
      for kernelColumn in 0..<kernel.width {
        let column = left + kernelColumn * dilation.width
        if column >= 0 && column < geometry.width {
          copy(line + column * pixelStride, to: target, count: channels)
        } else {
          for index in 0..<channels { target[index] = 0 }
        }
        target += channels
      }
    }
    outputColumn += 1
    if outputColumn == outputWidth {
      outputColumn = 0
      outputRow += 1
      if outputRow == geometry.outputHeight {
        outputRow = 0
        image += 1
      }
    }
  }
}

/// Adds the rows of a matrix of patches to the input windows they were gathered from.
///
/// The reverse of ``gatherPatches(_:input:positions:channelOffset:into:)``, for one image at a
/// time: positions of one image may share input pixels, so they belong to one thread.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func scatterPatches<Scalar: TensorScalar>(
  _ geometry: ConvolutionGeometry, patches: UnsafePointer<Scalar>, positions: Range<Int>,
  channelOffset: Int, into input: UnsafeMutablePointer<Scalar>
) {
  let outputWidth = geometry.outputWidth
  let outputArea = geometry.outputHeight * outputWidth
  let channels = geometry.inputChannels / geometry.groups
  let pixelStride = geometry.inputChannels
  let rowStride = geometry.width * pixelStride
  var source = patches
  for position in positions {
    let image = position / outputArea
    let top = position % outputArea / outputWidth * geometry.stride.height - geometry.padding.top
    let left = position % outputWidth * geometry.stride.width - geometry.padding.left
    let origin = input + image * geometry.height * rowStride + channelOffset
    for kernelRow in 0..<geometry.kernel.height {
      let row = top + kernelRow * geometry.dilation.height
      for kernelColumn in 0..<geometry.kernel.width {
        let column = left + kernelColumn * geometry.dilation.width
        if row >= 0 && row < geometry.height && column >= 0 && column < geometry.width {
          let target = origin + row * rowStride + column * pixelStride
          for index in 0..<channels { target[index] += source[index] }
        }
        source += channels
      }
    }
  }
}

/// Copies a short run of values; a call of `memcpy` costs more than the copy at these lengths.
@inline(__always)
private func copy<Scalar: TensorScalar>(
  _ source: UnsafePointer<Scalar>, to target: UnsafeMutablePointer<Scalar>, count: Int
) {
  var index = 0
  while index + 8 <= count {
    let lanes = UnsafeRawPointer(source + index).loadUnaligned(as: SIMD8<Scalar>.self)
    UnsafeMutableRawPointer(target + index).storeBytes(of: lanes, as: SIMD8<Scalar>.self)
    index += 8
  }
  while index < count {
    target[index] = source[index]
    index += 1
  }
}
