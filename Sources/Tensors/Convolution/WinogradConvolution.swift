// 3×3 convolutions of stride 1 by Winograd's F(4×4, 3×3): a sixteenth of 36 rather than 9 products
// for each output value and pair of channels, four times fewer. Tiles of 4 × 4 output pixels are
// transformed channels-last, so that each of the 36 values of a tile is a row of its own matrix:
//
//   V[36][tiles, inputs] · U[36][inputs, outputs] = M[36][tiles, outputs]
//
// The rounding error is that of a few more additions with factors up to 8: in single precision
// some 1e-6 of the largest value, ten times that of a plain convolution.

/// The tiles of a convolution, and how many of them are worked on at a time.
struct WinogradTiling {
  let rows: Int
  let columns: Int
  let count: Int
  /// The tiles of a block.
  let blockLength: Int

  /// - Parameters:
  ///   - byteCount: what the transforms of a block may take.
  ///   - longest: the most tiles of a block.
  init(_ geometry: ConvolutionGeometry, byteCount: Int, longest: Int) {
    rows = (geometry.outputHeight + 3) / 4
    columns = (geometry.outputWidth + 3) / 4
    count = geometry.batch * rows * columns
    let channels = geometry.inputChannels + geometry.outputChannels
    let fitting = byteCount / (36 * channels * 4) / 8 * 8
    blockLength = max(1, min(max(64, fitting), longest))
  }

  var blocks: Int { (count + blockLength - 1) / blockLength }

  func tiles(of block: Int) -> Range<Int> {
    block * blockLength..<min(count, (block + 1) * blockLength)
  }
}

extension ConvolutionGeometry {
  /// Whether the Winograd convolution computes this one.
  package var allowsWinograd: Bool {
    kernel.height == 3 && kernel.width == 3 && stride.area == 1 && dilation.area == 1
      && groups == 1
  }

  /// Whether it does so faster than gathered patches: there must be enough channels to make the
  /// transforms worth their while, and enough tiles to do so for the transformed kernels.
  var prefersWinograd: Bool {
    allowsWinograd && inputChannels >= 16 && outputChannels >= 16
      && batch * ((outputHeight + 3) / 4) * ((outputWidth + 3) / 4) >= 12
  }
}

/// The transformed kernels, `[36, inputs, outputs]`.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func winogradKernels<Scalar: TensorScalar>(
  _ weight: UnsafePointer<Scalar>, inputs: Int, outputs: Int, into u: UnsafeMutablePointer<Scalar>
) {
  let plane = inputs * outputs
  ThreadPool.current.forEachChunk(of: inputs, grain: 4) { chunk in
    withUnsafeTemporaryAllocation(of: WinogradLanes<Scalar>.self, capacity: 18) { half in
      for input in chunk {
        var output = 0
        while output < outputs {
          let lanes = min(8, outputs - output)
          let source = weight + input * outputs + output
          let target = u + input * outputs + output
          // Down the columns of the kernel, then along its rows.
          for column in 0..<3 {
            let values = winogradKernel(
              (
                winogradLoad(source + column * plane, count: lanes),
                winogradLoad(source + (3 + column) * plane, count: lanes),
                winogradLoad(source + (6 + column) * plane, count: lanes)
              ))
            half[column] = values.0
            half[3 + column] = values.1
            half[6 + column] = values.2
            half[9 + column] = values.3
            half[12 + column] = values.4
            half[15 + column] = values.5
          }
          for row in 0..<6 {
            let values = winogradKernel((half[row * 3], half[row * 3 + 1], half[row * 3 + 2]))
            storeRow(values, to: target + row * 6 * plane, plane: plane, count: lanes)
          }
          output += 8
        }
      }
    }
  }
}

/// Transforms the input pixels of tiles: `v[36][tiles, channels]`.
///
/// - Parameters:
///   - block: the tiles `v` is for.
///   - zeros: as many zeros as there are channels, read for pixels outside the image.
@inline(__always)
private func transformInput<Scalar: TensorScalar>(
  _ geometry: ConvolutionGeometry, _ tiling: WinogradTiling, tiles: Range<Int>,
  in block: Range<Int>,
  input: UnsafePointer<Scalar>, zeros: UnsafePointer<Scalar>, into v: UnsafeMutablePointer<Scalar>
) {
  let channels = geometry.inputChannels
  let plane = block.count * channels
  withUnsafeTemporaryAllocation(of: WinogradLanes<Scalar>.self, capacity: 36) { half in
    withUnsafeTemporaryAllocation(of: UnsafePointer<Scalar>.self, capacity: 36) { pixels in
      for tile in tiles {
        let image = tile / (tiling.rows * tiling.columns)
        let top = tile / tiling.columns % tiling.rows * 4 - geometry.padding.top
        let left = tile % tiling.columns * 4 - geometry.padding.left
        for row in 0..<6 {
          let line =
            input + ((image * geometry.height + top + row) * geometry.width + left) * channels
          let isInside = top + row >= 0 && top + row < geometry.height
          for column in 0..<6 {
            pixels[row * 6 + column] =
              isInside && left + column >= 0 && left + column < geometry.width
              ? line + column * channels : zeros
          }
        }
        var target = v + (tile - block.lowerBound) * channels
        var channel = 0
        while channel < channels {
          let lanes = min(8, channels - channel)
          for column in 0..<6 {
            let values = winogradInput(
              (
                winogradLoad(pixels[column] + channel, count: lanes),
                winogradLoad(pixels[6 + column] + channel, count: lanes),
                winogradLoad(pixels[12 + column] + channel, count: lanes),
                winogradLoad(pixels[18 + column] + channel, count: lanes),
                winogradLoad(pixels[24 + column] + channel, count: lanes),
                winogradLoad(pixels[30 + column] + channel, count: lanes)
              ))
            half[column] = values.0
            half[6 + column] = values.1
            half[12 + column] = values.2
            half[18 + column] = values.3
            half[24 + column] = values.4
            half[30 + column] = values.5
          }
          for row in 0..<6 {
            let from = row * 6
            let values = winogradInput(
              (
                half[from], half[from + 1], half[from + 2], half[from + 3], half[from + 4],
                half[from + 5]
              ))
            storeRow(values, to: target + from * plane, plane: plane, count: lanes)
          }
          channel += 8
          target += 8
        }
      }
    }
  }
}

/// Transforms products back into output pixels: `m[36][tiles, channels]`, bias added.
@inline(__always)
private func transformOutput<Scalar: TensorScalar>(
  _ geometry: ConvolutionGeometry, _ tiling: WinogradTiling, tiles: Range<Int>,
  m: UnsafePointer<Scalar>, bias: UnsafePointer<Scalar>?, output: UnsafeMutablePointer<Scalar>
) {
  let channels = geometry.outputChannels
  let plane = tiles.count * channels
  let height = geometry.outputHeight
  let width = geometry.outputWidth
  withUnsafeTemporaryAllocation(of: WinogradLanes<Scalar>.self, capacity: 24) { half in
    for tile in tiles {
      let image = tile / (tiling.rows * tiling.columns)
      let top = tile / tiling.columns % tiling.rows * 4
      let left = tile % tiling.columns * 4
      let rows = min(4, height - top)
      let columns = min(4, width - left)
      let corner = output + ((image * height + top) * width + left) * channels
      let source = m + (tile - tiles.lowerBound) * channels
      var channel = 0
      while channel < channels {
        let lanes = min(8, channels - channel)
        let offset = bias.map { winogradLoad($0 + channel, count: lanes) } ?? .zero
        for column in 0..<6 {
          let from = source + column * plane + channel
          let values = winogradOutput(loadColumn(from, plane: 6 * plane, count: lanes))
          half[column] = values.0
          half[6 + column] = values.1
          half[12 + column] = values.2
          half[18 + column] = values.3
        }
        for row in 0..<rows {
          let from = row * 6
          let values = winogradOutput(
            (
              half[from], half[from + 1], half[from + 2], half[from + 3], half[from + 4],
              half[from + 5]
            ))
          let to = corner + row * width * channels + channel
          winogradStore(values.0 + offset, to: to, count: lanes)
          if columns > 1 { winogradStore(values.1 + offset, to: to + channels, count: lanes) }
          if columns > 2 { winogradStore(values.2 + offset, to: to + 2 * channels, count: lanes) }
          if columns > 3 { winogradStore(values.3 + offset, to: to + 3 * channels, count: lanes) }
        }
        channel += 8
      }
    }
  }
}

/// Convolves a batch by Winograd's algorithm, adds a bias and applies an activation.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func convolveWinograd<Scalar: TensorScalar>(
  _ geometry: ConvolutionGeometry, input: UnsafePointer<Scalar>, weight: UnsafePointer<Scalar>,
  bias: UnsafePointer<Scalar>?, activation: Activation?, output: UnsafeMutablePointer<Scalar>
) {
  let inputs = geometry.inputChannels
  let outputs = geometry.outputChannels
  let tiles = geometry.batch * ((geometry.outputHeight + 3) / 4) * ((geometry.outputWidth + 3) / 4)
  let threads = ThreadPool.current.threadCount
  let tiling = WinogradTiling(
    geometry, byteCount: 1 << 20, longest: (tiles + threads - 1) / threads)
  let kernels = PooledBuffer<Scalar>(count: 36 * inputs * outputs)
  winogradKernels(weight, inputs: inputs, outputs: outputs, into: kernels.base)
  let zeros = PooledBuffer<Scalar>(count: inputs)
  zeros.base.initialize(repeating: 0, count: inputs)
  ThreadPool.current.forEachChunk(of: tiling.blocks) { blocks in
    let work = PooledBuffer<Scalar>(count: 36 * tiling.blockLength * (inputs + outputs))
    let v = work.base
    let m = v + 36 * tiling.blockLength * inputs
    for block in blocks {
      let tiles = tiling.tiles(of: block)
      transformInput(
        geometry, tiling, tiles: tiles, in: tiles, input: input, zeros: zeros.base, into: v)
      for position in 0..<36 {
        Scalar.gemm(
          transposeA: false, transposeB: false, m: tiles.count, n: outputs, k: inputs, alpha: 1,
          a: v + position * tiles.count * inputs, leadingA: inputs,
          b: kernels.base + position * inputs * outputs, leadingB: outputs, beta: 0,
          c: m + position * tiles.count * outputs, leadingC: outputs)
      }
      transformOutput(geometry, tiling, tiles: tiles, m: m, bias: bias, output: output)
    }
  }
  guard let activation else { return }
  let length = geometry.outputHeight * geometry.outputWidth * outputs
  ThreadPool.current.forEachChunk(of: geometry.batch) { images in
    activation.apply(
      inPlace: output + images.lowerBound * length, count: images.count * length)
  }
}

/// Transforms the output's gradient at tiles: `m[36][tiles, channels]`.
@inline(__always)
private func transformOutputGradient<Scalar: TensorScalar>(
  _ geometry: ConvolutionGeometry, _ tiling: WinogradTiling, tiles: Range<Int>,
  in block: Range<Int>,
  gradient: UnsafePointer<Scalar>, zeros: UnsafePointer<Scalar>,
  into m: UnsafeMutablePointer<Scalar>
) {
  let channels = geometry.outputChannels
  let plane = block.count * channels
  let height = geometry.outputHeight
  let width = geometry.outputWidth
  withUnsafeTemporaryAllocation(of: WinogradLanes<Scalar>.self, capacity: 24) { half in
    withUnsafeTemporaryAllocation(of: UnsafePointer<Scalar>.self, capacity: 16) { pixels in
      for tile in tiles {
        let image = tile / (tiling.rows * tiling.columns)
        let top = tile / tiling.columns % tiling.rows * 4
        let left = tile % tiling.columns * 4
        let corner = gradient + ((image * height + top) * width + left) * channels
        for row in 0..<4 {
          for column in 0..<4 {
            pixels[row * 4 + column] =
              top + row < height && left + column < width
              ? corner + (row * width + column) * channels : zeros
          }
        }
        let target = m + (tile - block.lowerBound) * channels
        var channel = 0
        while channel < channels {
          let lanes = min(8, channels - channel)
          for column in 0..<4 {
            let values = winogradOutputGradient(
              (
                winogradLoad(pixels[column] + channel, count: lanes),
                winogradLoad(pixels[4 + column] + channel, count: lanes),
                winogradLoad(pixels[8 + column] + channel, count: lanes),
                winogradLoad(pixels[12 + column] + channel, count: lanes)
              ))
            half[column] = values.0
            half[4 + column] = values.1
            half[8 + column] = values.2
            half[12 + column] = values.3
            half[16 + column] = values.4
            half[20 + column] = values.5
          }
          for row in 0..<6 {
            let from = row * 4
            let values = winogradOutputGradient(
              (half[from], half[from + 1], half[from + 2], half[from + 3]))
            storeRow(values, to: target + channel + row * 6 * plane, plane: plane, count: lanes)
          }
          channel += 8
        }
      }
    }
  }
}

/// The gradient of a convolution's weight by Winograd's algorithm.
///
/// Blocks of tiles are transformed in parallel; then each of the 36 products is added to by one
/// thread, so that there is a single sum whatever the number of threads.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func winogradWeightGradient<Scalar: TensorScalar>(
  _ geometry: ConvolutionGeometry, input: UnsafePointer<Scalar>,
  outputGradient: UnsafePointer<Scalar>, result: UnsafeMutablePointer<Scalar>
) {
  let inputs = geometry.inputChannels
  let outputs = geometry.outputChannels
  let tiling = WinogradTiling(geometry, byteCount: 4 << 20, longest: 1024)
  let zeros = PooledBuffer<Scalar>(count: max(inputs, outputs))
  zeros.base.initialize(repeating: 0, count: max(inputs, outputs))
  let products = PooledBuffer<Scalar>(count: 36 * inputs * outputs)
  let work = PooledBuffer<Scalar>(count: 36 * tiling.blockLength * (inputs + outputs))
  let v = work.base
  let m = v + 36 * tiling.blockLength * inputs
  let pool = ThreadPool.current
  for block in 0..<tiling.blocks {
    let tiles = tiling.tiles(of: block)
    pool.forEachChunk(of: tiles.count, grain: 8) { chunk in
      let part = tiles.lowerBound + chunk.lowerBound..<tiles.lowerBound + chunk.upperBound
      transformInput(
        geometry, tiling, tiles: part, in: tiles, input: input, zeros: zeros.base, into: v)
      transformOutputGradient(
        geometry, tiling, tiles: part, in: tiles, gradient: outputGradient, zeros: zeros.base,
        into: m)
    }
    pool.forEachChunk(of: 36) { positions in
      for position in positions {
        Scalar.gemm(
          transposeA: true, transposeB: false, m: inputs, n: outputs, k: tiles.count, alpha: 1,
          a: v + position * tiles.count * inputs, leadingA: inputs,
          b: m + position * tiles.count * outputs, leadingB: outputs, beta: block == 0 ? 0 : 1,
          c: products.base + position * inputs * outputs, leadingC: outputs)
      }
    }
  }
  let plane = inputs * outputs
  pool.forEachChunk(of: inputs, grain: 4) { chunk in
    withUnsafeTemporaryAllocation(of: WinogradLanes<Scalar>.self, capacity: 18) { half in
      for input in chunk {
        var output = 0
        while output < outputs {
          let lanes = min(8, outputs - output)
          let source = products.base + input * outputs + output
          let target = result + input * outputs + output
          for column in 0..<6 {
            let values = winogradKernelGradient(
              loadColumn(source + column * plane, plane: 6 * plane, count: lanes))
            half[column] = values.0
            half[6 + column] = values.1
            half[12 + column] = values.2
          }
          for row in 0..<3 {
            let from = row * 6
            let values = winogradKernelGradient(
              (
                half[from], half[from + 1], half[from + 2], half[from + 3], half[from + 4],
                half[from + 5]
              ))
            let to = target + row * 3 * plane
            winogradStore(values.0, to: to, count: lanes)
            winogradStore(values.1, to: to + plane, count: lanes)
            winogradStore(values.2, to: to + 2 * plane, count: lanes)
          }
          output += 8
        }
      }
    }
  }
}

/// Writes six values, each to its own plane.
@inline(__always)
private func storeRow<Scalar: TensorScalar>(
  _ values: Six<WinogradLanes<Scalar>>, to target: UnsafeMutablePointer<Scalar>, plane: Int,
  count: Int
) {
  winogradStore(values.0, to: target, count: count)
  winogradStore(values.1, to: target + plane, count: count)
  winogradStore(values.2, to: target + 2 * plane, count: count)
  winogradStore(values.3, to: target + 3 * plane, count: count)
  winogradStore(values.4, to: target + 4 * plane, count: count)
  winogradStore(values.5, to: target + 5 * plane, count: count)
}

/// Reads six values, each from its own plane.
@inline(__always)
private func loadColumn<Scalar: TensorScalar>(
  _ source: UnsafePointer<Scalar>, plane: Int, count: Int
) -> Six<WinogradLanes<Scalar>> {
  (
    winogradLoad(source, count: count), winogradLoad(source + plane, count: count),
    winogradLoad(source + 2 * plane, count: count), winogradLoad(source + 3 * plane, count: count),
    winogradLoad(source + 4 * plane, count: count), winogradLoad(source + 5 * plane, count: count)
  )
}
