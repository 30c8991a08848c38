internal import CWinograd

// 3×3 convolutions of stride 1 by Winograd's F(4×4, 3×3): a sixteenth of 36 rather than 9 products
// for each output value and pair of channels, four times fewer. Tiles of 4 × 4 output pixels are
// transformed channels-last, so that each of the 36 values of a tile is a row of its own matrix:
//
//   V[36][tiles, inputs] · U[36][inputs, outputs] = M[36][tiles, outputs]
//
// The rounding error is that of a few more additions with factors up to 8: in single precision
// some 1e-6 of the largest value, ten times that of a plain convolution.

/// The tiles of a convolution, and how many of them are worked on at a time.
private struct WinogradTiling {
  let count: Int
  /// The tiles of a block.
  let blockLength: Int

  /// - Parameters:
  ///   - byteCount: what the transforms of a block may take.
  ///   - longest: the most tiles of a block.
  init(_ geometry: ConvolutionGeometry, byteCount: Int, longest: Int) {
    count = geometry.winogradTiles
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
    allowsWinograd && min(inputChannels, outputChannels) >= 8
      && inputChannels + outputChannels >= 24 && winogradTiles >= 12
  }

  private var winogradRows: Int { (outputHeight + 3) / 4 }
  private var winogradColumns: Int { (outputWidth + 3) / 4 }

  fileprivate var winogradTiles: Int { batch * winogradRows * winogradColumns }

  /// Tiles of the input.
  fileprivate func inputTiles(_ tiles: Range<Int>, of block: Range<Int>) -> winograd_tiles {
    winograd_tiles(
      height: height, width: width, channels: inputChannels, rows: winogradRows,
      columns: winogradColumns, top: padding.top, left: padding.left, first: tiles.lowerBound,
      last: tiles.upperBound, origin: block.lowerBound, count: block.count)
  }

  /// Tiles of the output.
  fileprivate func outputTiles(_ tiles: Range<Int>, of block: Range<Int>) -> winograd_tiles {
    winograd_tiles(
      height: outputHeight, width: outputWidth, channels: outputChannels, rows: winogradRows,
      columns: winogradColumns, top: 0, left: 0, first: tiles.lowerBound, last: tiles.upperBound,
      origin: block.lowerBound, count: block.count)
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
  let isDouble = Scalar.self == Double.self
  let pool = ThreadPool.current
  let kernels = PooledBuffer<Scalar>(count: 36 * inputs * outputs)
  pool.forEachChunk(of: inputs, grain: 4) { rows in
    winograd_kernels(
      isDouble, weight, inputs, outputs, rows.lowerBound, rows.upperBound, kernels.base)
  }
  let zeros = PooledBuffer<Scalar>(count: inputs)
  zeros.base.initialize(repeating: 0, count: inputs)
  let threads = pool.threadCount
  let tiling = WinogradTiling(
    geometry, byteCount: 1 << 20, longest: (geometry.winogradTiles + threads - 1) / threads)
  pool.forEachChunk(of: tiling.blocks) { blocks in
    let work = PooledBuffer<Scalar>(count: 36 * tiling.blockLength * (inputs + outputs))
    let v = work.base
    let m = v + 36 * tiling.blockLength * inputs
    for block in blocks {
      let tiles = tiling.tiles(of: block)
      winograd_input(isDouble, geometry.inputTiles(tiles, of: tiles), input, zeros.base, v)
      for position in 0..<36 {
        Scalar.gemm(
          transposeA: false, transposeB: false, m: tiles.count, n: outputs, k: inputs, alpha: 1,
          a: v + position * tiles.count * inputs, leadingA: inputs,
          b: kernels.base + position * inputs * outputs, leadingB: outputs, beta: 0,
          c: m + position * tiles.count * outputs, leadingC: outputs)
      }
      winograd_output(isDouble, geometry.outputTiles(tiles, of: tiles), m, bias, output)
    }
  }
  guard let activation else { return }
  let length = geometry.outputHeight * geometry.outputWidth * outputs
  pool.forEachChunk(of: geometry.batch) { images in
    activation.apply(
      inPlace: output + images.lowerBound * length, count: images.count * length)
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
  let isDouble = Scalar.self == Double.self
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
      winograd_input(isDouble, geometry.inputTiles(part, of: tiles), input, zeros.base, v)
      winograd_output_gradient(
        isDouble, geometry.outputTiles(part, of: tiles), outputGradient, zeros.base, m)
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
  pool.forEachChunk(of: inputs, grain: 4) { rows in
    winograd_kernel_gradient(
      isDouble, products.base, inputs, outputs, rows.lowerBound, rows.upperBound, result)
  }
}
