internal import CKernels

// Convolutions whose filters read some of the channels only. The windows of some positions are
// gathered and turned into a tile, which is then a sparse product like any other.

/// How many positions are worked on at a time.
private let tile = 64

/// Convolves a batch of images by filters that read the channels their pattern names.
///
/// # Shapes
/// See ``ConvolutionGeometry``; the weight is `[entries]` in the order of ``windows``.
///
/// - Parameter windows: from all values of a window, `[kernelHeight, kernelWidth, inputChannels]`, to
///   the output channels.
package func convolveSparse<Scalar: TensorScalar>(
  _ geometry: ConvolutionGeometry, _ windows: SparsePattern, input: Tensor<Scalar>,
  weight: Tensor<Scalar>, bias: Tensor<Scalar>?
) -> Tensor<Scalar> {
  let length = windows.inputCount
  let channels = windows.outputCount
  let isDouble = Scalar.self == Double.self
  let positions = geometry.positions
  return Tensor(geometry.outputShape) { output in
    input.withUnsafeBufferPointer { input in
      weight.withUnsafeBufferPointer { weight in
        guard let input = input.baseAddress, let output = output.baseAddress else { return }
        func convolve(_ bias: UnsafePointer<Scalar>?) {
          ThreadPool.current.forEachChunk(of: positions, grain: tile) { chunk in
            let gathered = PooledBuffer<Scalar>(count: tile * length)
            let tiled = PooledBuffer<Scalar>(count: tile * length)
            let product = PooledBuffer<Scalar>(count: tile * channels)
            windows.withRows(isTransposed: false) { rows in
              for start in stride(from: chunk.lowerBound, to: chunk.upperBound, by: tile) {
                let count = min(tile, chunk.upperBound - start)
                gatherPatches(
                  geometry, input: input, positions: start..<start + count, channelOffset: 0,
                  into: gathered.base)
                sparse_tile(isDouble, tile, count, length, gathered.base, tiled.base)
                sparse_product(
                  isDouble, rows, tile, 0, channels, weight.baseAddress, tiled.base, product.base)
                sparse_untile(
                  isDouble, tile, count, channels, product.base, bias, output + start * channels)
              }
            }
          }
        }
        guard let bias else { return convolve(nil) }
        bias.withUnsafeBufferPointer { convolve($0.baseAddress) }
      }
    }
  }
}

/// The gradients of a sparse convolution's input and weight, each if it is wanted.
///
/// Images are divided among the threads, since the windows of one share pixels; so the rounding of
/// the weight's gradient depends on how many threads there are.
package func sparseConvolutionGradients<Scalar: TensorScalar>(
  _ geometry: ConvolutionGeometry, _ windows: SparsePattern, input: Tensor<Scalar>?,
  weight: Tensor<Scalar>?, upstream: Tensor<Scalar>
) -> (input: Tensor<Scalar>?, weight: Tensor<Scalar>?) {
  let area = geometry.outputHeight * geometry.outputWidth
  let chunks = ThreadPool.current.chunks(of: geometry.batch)
  var inputGradient = weight.map { _ in Tensor<Scalar>(geometry.inputShape, repeating: 0) }
  var partial = input.map { _ in
    Tensor<Scalar>([max(1, chunks.count), windows.entryCount], repeating: 0)
  }
  withPointers(input, weight, upstream) { input, weight, upstream in
    withMutablePointer(&inputGradient) { inputGradient in
      withMutablePointer(&partial) { partial in
        ThreadPool.current.forEach(chunks.count) { index in
          let images = chunks[index]
          gradients(
            geometry, windows, positions: images.lowerBound * area..<images.upperBound * area,
            input: input, weight: weight, upstream: upstream, inputGradient: inputGradient,
            weightGradient: partial.map { $0 + index * windows.entryCount })
        }
      }
    }
  }
  return (inputGradient, partial.map(sumOverRows))
}

private func gradients<Scalar: TensorScalar>(
  _ geometry: ConvolutionGeometry, _ windows: SparsePattern, positions: Range<Int>,
  input: UnsafePointer<Scalar>?, weight: UnsafePointer<Scalar>?, upstream: UnsafePointer<Scalar>,
  inputGradient: UnsafeMutablePointer<Scalar>?, weightGradient: UnsafeMutablePointer<Scalar>?
) {
  let length = windows.inputCount
  let channels = windows.outputCount
  let isDouble = Scalar.self == Double.self
  let gathered = PooledBuffer<Scalar>(count: tile * length)
  let tiled = PooledBuffer<Scalar>(count: tile * length)
  let back = PooledBuffer<Scalar>(count: tile * channels)
  for start in stride(from: positions.lowerBound, to: positions.upperBound, by: tile) {
    let count = min(tile, positions.upperBound - start)
    sparse_tile(isDouble, tile, count, channels, upstream + start * channels, back.base)
    if let input, let weightGradient {
      gatherPatches(
        geometry, input: input, positions: start..<start + count, channelOffset: 0,
        into: gathered.base)
      sparse_tile(isDouble, tile, count, length, gathered.base, tiled.base)
      windows.withRows(isTransposed: false) { rows in
        sparse_values_gradient(
          isDouble, rows, tile, 0, channels, back.base, tiled.base, weightGradient)
      }
    }
    if let weight, let inputGradient {
      windows.withRows(isTransposed: true) { rows in
        sparse_product(isDouble, rows, tile, 0, length, weight, back.base, tiled.base)
      }
      sparse_untile(isDouble, tile, count, length, tiled.base, nil, gathered.base)
      scatterPatches(
        geometry, patches: gathered.base, positions: start..<start + count, channelOffset: 0,
        into: inputGradient)
    }
  }
}

private func withPointers<Scalar: TensorScalar>(
  _ input: Tensor<Scalar>?, _ weight: Tensor<Scalar>?, _ upstream: Tensor<Scalar>,
  _ body: (UnsafePointer<Scalar>?, UnsafePointer<Scalar>?, UnsafePointer<Scalar>) -> Void
) {
  upstream.withUnsafeBufferPointer { upstream in
    guard let upstream = upstream.baseAddress else { return }
    withOptionalPointer(input) { input in
      withOptionalPointer(weight) { weight in body(input, weight, upstream) }
    }
  }
}

private func withMutablePointer<Scalar: TensorScalar>(
  _ tensor: inout Tensor<Scalar>?, _ body: (UnsafeMutablePointer<Scalar>?) -> Void
) {
  guard var owned = tensor else { return body(nil) }
  tensor = nil
  owned.withUnsafeMutableBufferPointer { body($0.baseAddress) }
  tensor = owned
}
