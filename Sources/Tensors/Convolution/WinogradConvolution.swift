internal import CKernels

// 3×3 convolutions of stride 1 by Winograd's F(4×4, 3×3) and F(2×2, 3×3): 36 products for sixteen
// output values and a pair of channels rather than 144, or 16 for four rather than 36. Tiles of
// output pixels are transformed channels-last, so that each of the N values of a tile is a row of
// its own matrix:
//
//   V[N][tiles, inputs] · U[N][inputs, outputs] = M[N][tiles, outputs]
//
// The rounding error is that of a few more additions, for tiles of 4×4 with factors up to 8. Over
// the shapes of ConvolutionAlgorithmTests it came to at most 5e-6 of a result's largest value in
// single precision with tiles of 4×4 and to 7e-7 with tiles of 2×2, where gathered patches came to
// 8e-7.

/// The square of output pixels that is computed at once.
struct WinogradTile: Hashable {
  /// Its side in pixels: 4 or 2.
  let side: Int

  /// The side in pixels of the input it is made from.
  var inputSide: Int { side + 2 }
  /// The values of a tile once transformed.
  var valueCount: Int { inputSide * inputSide }

  static let large = WinogradTile(side: 4)
  static let small = WinogradTile(side: 2)
}

/// The tiles of a convolution, and how many of them are worked on at a time.
private struct WinogradTiling {
  let count: Int
  /// The tiles of a block.
  let blockLength: Int

  /// - Parameters:
  ///   - byteCount: what the transforms of a block may take.
  ///   - longest: the most tiles of a block.
  init(_ geometry: ConvolutionGeometry, _ tile: WinogradTile, byteCount: Int, longest: Int) {
    count = geometry.winogradTiles(tile)
    let channels = geometry.inputChannels + geometry.outputChannels
    let fitting = byteCount / (tile.valueCount * channels * 4) / 8 * 8
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

  /// The tile that takes the fewest products.
  private var bestWinogradTile: WinogradTile {
    func products(_ tile: WinogradTile) -> Int { winogradTiles(tile) * tile.valueCount }
    return products(.small) < products(.large) ? .small : .large
  }

  /// The tile with which Winograd's algorithm is faster than gathered patches, if one is: there
  /// must be enough channels to make the transforms worth their while, and enough tiles to do so
  /// for the transformed kernels.
  var preferredWinogradTile: WinogradTile? {
    guard allowsWinograd, min(inputChannels, outputChannels) >= 8,
      inputChannels + outputChannels >= 24
    else { return nil }
    let tile = bestWinogradTile
    return winogradTiles(tile) >= 12 ? tile : nil
  }

  private func winogradRows(_ tile: WinogradTile) -> Int {
    (outputHeight + tile.side - 1) / tile.side
  }
  private func winogradColumns(_ tile: WinogradTile) -> Int {
    (outputWidth + tile.side - 1) / tile.side
  }

  fileprivate func winogradTiles(_ tile: WinogradTile) -> Int {
    batch * winogradRows(tile) * winogradColumns(tile)
  }

  /// Whether there are so few tiles that transforming the kernels takes as long as using them: it
  /// is then worth keeping them where they do not change.
  func hasFewWinogradTiles(_ tile: WinogradTile) -> Bool { winogradTiles(tile) < 64 }

  /// Tiles of the input.
  fileprivate func inputTiles(
    _ tile: WinogradTile, _ tiles: Range<Int>, of block: Range<Int>
  ) -> winograd_tiles {
    winograd_tiles(
      side: tile.side, height: height, width: width, channels: inputChannels,
      rows: winogradRows(tile), columns: winogradColumns(tile), top: padding.top,
      left: padding.left, first: tiles.lowerBound, last: tiles.upperBound,
      origin: block.lowerBound, count: block.count)
  }

  /// Tiles of the output.
  fileprivate func outputTiles(
    _ tile: WinogradTile, _ tiles: Range<Int>, of block: Range<Int>
  ) -> winograd_tiles {
    winograd_tiles(
      side: tile.side, height: outputHeight, width: outputWidth, channels: outputChannels,
      rows: winogradRows(tile), columns: winogradColumns(tile), top: 0, left: 0,
      first: tiles.lowerBound, last: tiles.upperBound, origin: block.lowerBound,
      count: block.count)
  }
}

/// Convolves a batch by Winograd's algorithm, adds a bias and applies an activation.
///
/// - Parameter kernels: the transformed kernels `[N, inputs, outputs]`.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func convolveWinograd<Scalar: TensorScalar>(
  _ geometry: ConvolutionGeometry, _ tile: WinogradTile, input: UnsafePointer<Scalar>,
  kernels: UnsafePointer<Scalar>, bias: UnsafePointer<Scalar>?, activation: Activation?,
  output: UnsafeMutablePointer<Scalar>
) {
  let values = tile.valueCount
  let inputs = geometry.inputChannels
  let outputs = geometry.outputChannels
  let isDouble = Scalar.self == Double.self
  let pool = ThreadPool.current
  let zeros = PooledBuffer<Scalar>(count: inputs)
  zeros.base.initialize(repeating: 0, count: inputs)
  let bounds = activation?.bounds
  let low = bounds?.lowerBound ?? -.infinity
  let high = bounds?.upperBound ?? .infinity

  func multiply(
    _ position: Int, _ count: Int, _ v: UnsafePointer<Scalar>, _ m: UnsafeMutablePointer<Scalar>
  ) {
    Scalar.gemm(
      transposeA: false, transposeB: false, m: count, n: outputs, k: inputs, alpha: 1,
      a: v + position * count * inputs, leadingA: inputs,
      b: kernels + position * inputs * outputs, leadingB: outputs, beta: 0,
      c: m + position * count * outputs, leadingC: outputs)
  }

  let count = geometry.winogradTiles(tile)
  if geometry.hasFewWinogradTiles(tile) {
    // The kernels are most of the memory: each is read by one thread.
    let work = PooledBuffer<Scalar>(count: values * count * (inputs + outputs))
    let v = work.base
    let m = v + values * count * inputs
    pool.forEachChunk(of: count, grain: 4) { tiles in
      winograd_input(
        isDouble, geometry.inputTiles(tile, tiles, of: 0..<count), input, zeros.base, v)
    }
    pool.forEachChunk(of: values) { positions in
      for position in positions { multiply(position, count, v, m) }
    }
    pool.forEachChunk(of: count, grain: 4) { tiles in
      winograd_output(
        isDouble, geometry.outputTiles(tile, tiles, of: 0..<count), m, bias, low, high, output)
    }
  } else {
    let threads = pool.threadCount
    let tiling = WinogradTiling(
      geometry, tile, byteCount: 1 << 20, longest: (count + threads - 1) / threads)
    pool.forEachChunk(of: tiling.blocks) { blocks in
      let work = PooledBuffer<Scalar>(count: values * tiling.blockLength * (inputs + outputs))
      let v = work.base
      let m = v + values * tiling.blockLength * inputs
      for block in blocks {
        let tiles = tiling.tiles(of: block)
        winograd_input(isDouble, geometry.inputTiles(tile, tiles, of: tiles), input, zeros.base, v)
        for position in 0..<values { multiply(position, tiles.count, v, m) }
        winograd_output(
          isDouble, geometry.outputTiles(tile, tiles, of: tiles), m, bias, low, high, output)
      }
    }
  }
  guard let activation, activation.bounds == nil else { return }
  let length = geometry.outputHeight * geometry.outputWidth * outputs
  pool.forEachChunk(of: geometry.batch) { images in
    activation.apply(
      inPlace: output + images.lowerBound * length, count: images.count * length)
  }
}

/// The transformed kernels `[N, inputs, outputs]` of a weight `[3, 3, inputs, outputs]`.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func winogradKernels<Scalar: TensorScalar>(
  _ weight: UnsafePointer<Scalar>, _ tile: WinogradTile, inputs: Int, outputs: Int
) -> PooledBuffer<Scalar> {
  let kernels = PooledBuffer<Scalar>(count: tile.valueCount * inputs * outputs)
  ThreadPool.current.forEachChunk(of: inputs, grain: 4) { rows in
    winograd_kernels(
      Scalar.self == Double.self, tile.side, weight, inputs, outputs, rows.lowerBound,
      rows.upperBound, kernels.base)
  }
  return kernels
}

extension Activation {
  /// The bounds the function holds its argument between, if that is all it does.
  fileprivate var bounds: ClosedRange<Double>? {
    switch self {
    case .relu: 0 ... .infinity
    case .relu6: 0...6
    default: nil
    }
  }
}

/// The gradient of a convolution's weight by Winograd's algorithm.
///
/// Blocks of tiles are transformed in parallel; then each of the products is added to by one
/// thread, so that there is a single sum whatever the number of threads.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func winogradWeightGradient<Scalar: TensorScalar>(
  _ geometry: ConvolutionGeometry, _ tile: WinogradTile, input: UnsafePointer<Scalar>,
  outputGradient: UnsafePointer<Scalar>, result: UnsafeMutablePointer<Scalar>
) {
  let values = tile.valueCount
  let inputs = geometry.inputChannels
  let outputs = geometry.outputChannels
  let isDouble = Scalar.self == Double.self
  let tiling = WinogradTiling(geometry, tile, byteCount: 4 << 20, longest: 1024)
  let zeros = PooledBuffer<Scalar>(count: max(inputs, outputs))
  zeros.base.initialize(repeating: 0, count: max(inputs, outputs))
  let products = PooledBuffer<Scalar>(count: values * inputs * outputs)
  let work = PooledBuffer<Scalar>(count: values * tiling.blockLength * (inputs + outputs))
  let v = work.base
  let m = v + values * tiling.blockLength * inputs
  let pool = ThreadPool.current
  for block in 0..<tiling.blocks {
    let tiles = tiling.tiles(of: block)
    pool.forEachChunk(of: tiles.count, grain: 8) { chunk in
      let part = tiles.lowerBound + chunk.lowerBound..<tiles.lowerBound + chunk.upperBound
      winograd_input(isDouble, geometry.inputTiles(tile, part, of: tiles), input, zeros.base, v)
      winograd_output_gradient(
        isDouble, geometry.outputTiles(tile, part, of: tiles), outputGradient, zeros.base, m)
    }
    pool.forEachChunk(of: values) { positions in
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
      isDouble, tile.side, products.base, inputs, outputs, rows.lowerBound, rows.upperBound, result)
  }
}
