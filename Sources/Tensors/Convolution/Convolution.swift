/// Convolves a batch of images, adds a bias and applies an activation.
///
/// # Shapes
/// See ``ConvolutionGeometry``; `bias` is `[outputChannels]`.
///
/// - Parameter frozen: where forms of a weight that does not change are kept between calls.
package func convolve<Scalar: TensorScalar>(
  _ geometry: ConvolutionGeometry, input: Tensor<Scalar>, weight: Tensor<Scalar>,
  bias: Tensor<Scalar>? = nil, activation: Activation? = nil,
  algorithm: ConvolutionAlgorithm? = nil, frozen: FrozenKernels? = nil
) -> Tensor<Scalar> {
  let algorithm = algorithm ?? geometry.algorithm
  if let tile = algorithm.tile {
    return convolveWinograd(
      geometry, tile, input: input, bias: bias, activation: activation, frozen: frozen,
      form: .forward
    ) { weight }
  }
  return Tensor(geometry.outputShape) { output in
    input.withUnsafeBufferPointer { input in
      weight.withUnsafeBufferPointer { weight in
        guard let output = output.baseAddress, let input = input.baseAddress,
          let weight = weight.baseAddress
        else { return }
        withOptionalPointer(bias) { bias in
          if algorithm == .depthwise {
            convolveDepthwise(
              geometry, input: input, weight: weight, bias: bias, activation: activation,
              output: output)
          } else if geometry.hasFewPositions {
            convolveFewPositions(
              geometry, input: input, weight: weight, bias: bias, activation: activation,
              output: output)
          } else {
            convolvePatches(
              geometry, input: input, weight: weight, bias: bias, activation: activation,
              output: output)
          }
        }
      }
    }
  }
}

/// Convolves by Winograd's algorithm with kernels that are kept if the weight is frozen and it is
/// worth it.
///
/// - Parameter weight: called if the kernels have to be made.
private func convolveWinograd<Scalar: TensorScalar>(
  _ geometry: ConvolutionGeometry, _ tile: WinogradTile, input: Tensor<Scalar>,
  bias: Tensor<Scalar>?,
  activation: Activation?, frozen: FrozenKernels?, form: FrozenKernels.Form,
  weight: () -> Tensor<Scalar>
) -> Tensor<Scalar> {
  func make() -> PooledBuffer<Scalar> {
    weight().withUnsafeBufferPointer { weight in
      weight.baseAddress.map {
        winogradKernels(
          $0, tile, inputs: geometry.inputChannels, outputs: geometry.outputChannels)
      } ?? PooledBuffer(count: 0)
    }
  }
  let kernels =
    if let frozen, geometry.hasFewWinogradTiles(tile) {
      frozen.kernels(form, tile, make: make)
    } else {
      make()
    }
  return Tensor(geometry.outputShape) { output in
    input.withUnsafeBufferPointer { input in
      guard let output = output.baseAddress, let input = input.baseAddress else { return }
      withOptionalPointer(bias) { bias in
        convolveWinograd(
          geometry, tile, input: input, kernels: kernels.base, bias: bias, activation: activation,
          output: output)
      }
    }
  }
}

/// Calls a body with a tensor's first element, or `nil` without one.
func withOptionalPointer<Scalar: TensorScalar>(
  _ tensor: Tensor<Scalar>?, _ body: (UnsafePointer<Scalar>?) -> Void
) {
  guard let tensor else { return body(nil) }
  tensor.withUnsafeBufferPointer { body($0.baseAddress) }
}

extension ConvolutionGeometry {
  /// Whether there are so few output positions that reading the weight takes most of the time.
  fileprivate var hasFewPositions: Bool {
    positions <= 128 && groups == 1 && outputChannels >= 96
  }
}

/// Convolves few positions: each part of the weight is read by one thread.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func convolveFewPositions<Scalar: TensorScalar>(
  _ geometry: ConvolutionGeometry, input: UnsafePointer<Scalar>, weight: UnsafePointer<Scalar>,
  bias: UnsafePointer<Scalar>?, activation: Activation?, output: UnsafeMutablePointer<Scalar>
) {
  let pool = ThreadPool.current
  let length = geometry.patchLength
  let channels = geometry.outputChannels
  let patches =
    geometry.isPointwise ? nil : PooledBuffer<Scalar>(count: geometry.positions * length)
  if let patches {
    pool.forEachChunk(of: geometry.positions, grain: 4) { positions in
      gatherPatches(
        geometry, input: input, positions: positions, channelOffset: 0,
        into: patches.base + positions.lowerBound * length)
    }
  }
  let left = patches.map { UnsafePointer($0.base) } ?? input
  pool.forEachChunk(of: (channels + 47) / 48) { parts in
    let columns = parts.lowerBound * 48..<min(channels, parts.upperBound * 48)
    Scalar.gemm(
      transposeA: false, transposeB: false, m: geometry.positions, n: columns.count, k: length,
      alpha: 1, a: left, leadingA: length, b: weight + columns.lowerBound, leadingB: channels,
      beta: 0, c: output + columns.lowerBound, leadingC: channels)
  }
  if let bias { addRowVector(bias, to: output, rows: geometry.positions, columns: channels) }
  activation?.apply(inPlace: output, count: geometry.positions * channels)
}

@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func convolvePatches<Scalar: TensorScalar>(
  _ geometry: ConvolutionGeometry, input: UnsafePointer<Scalar>, weight: UnsafePointer<Scalar>,
  bias: UnsafePointer<Scalar>?, activation: Activation?, output: UnsafeMutablePointer<Scalar>
) {
  let channels = geometry.outputChannels
  let tile = geometry.tileLength
  ThreadPool.current.forEachChunk(of: geometry.positions, grain: 16) { chunk in
    let patches =
      geometry.isPointwise
      ? nil : PooledBuffer<Scalar>(count: tile * geometry.patchLength)
    var start = chunk.lowerBound
    while start < chunk.upperBound {
      let positions = start..<min(start + tile, chunk.upperBound)
      multiplyTile(
        geometry, input: input, weight: weight, positions: positions, patches: patches?.base,
        output: output)
      if let bias {
        addRowVector(
          bias, to: output + start * channels, rows: positions.count, columns: channels)
      }
      activation?.apply(
        inPlace: output + start * channels, count: positions.count * channels)
      start = positions.upperBound
    }
  }
}

/// Computes the output at a run of positions from gathered patches, group by group.
@inline(__always)
private func multiplyTile<Scalar: TensorScalar>(
  _ geometry: ConvolutionGeometry, input: UnsafePointer<Scalar>, weight: UnsafePointer<Scalar>,
  positions: Range<Int>, patches: UnsafeMutablePointer<Scalar>?,
  output: UnsafeMutablePointer<Scalar>
) {
  let channels = geometry.outputChannels
  let groupOutputs = channels / geometry.groups
  let groupInputs = geometry.inputChannels / geometry.groups
  let length = geometry.patchLength
  for group in 0..<geometry.groups {
    var left = input + positions.lowerBound * geometry.inputChannels
    if let patches {
      gatherPatches(
        geometry, input: input, positions: positions, channelOffset: group * groupInputs,
        into: patches)
      left = UnsafePointer(patches)
    }
    Scalar.gemm(
      transposeA: false, transposeB: false, m: positions.count, n: groupOutputs, k: length,
      alpha: 1, a: left, leadingA: length, b: weight + group * groupOutputs, leadingB: channels,
      beta: 0, c: output + positions.lowerBound * channels + group * groupOutputs,
      leadingC: channels)
  }
}

/// The gradient of a convolution's input from that of its output.
///
/// - Parameter frozen: where forms of a weight that does not change are kept between calls.
package func convolutionInputGradient<Scalar: TensorScalar>(
  _ geometry: ConvolutionGeometry, outputGradient: Tensor<Scalar>, weight: Tensor<Scalar>,
  algorithm: ConvolutionAlgorithm? = nil, frozen: FrozenKernels? = nil
) -> Tensor<Scalar> {
  if !geometry.isDepthwise, let reverse = geometry.inputGradientAsConvolution {
    if let tile = (algorithm ?? reverse.algorithm).tile {
      return convolveWinograd(
        reverse, tile, input: outputGradient, bias: nil, activation: nil, frozen: frozen,
        form: .reversed
      ) { reversed(weight) }
    }
    return convolve(
      reverse, input: outputGradient, weight: reversed(weight), algorithm: algorithm)
  }
  return Tensor(geometry.inputShape) { result in
    outputGradient.withUnsafeBufferPointer { gradient in
      weight.withUnsafeBufferPointer { weight in
        guard let result = result.baseAddress, let gradient = gradient.baseAddress,
          let weight = weight.baseAddress
        else { return }
        if geometry.isDepthwise {
          depthwiseInputGradient(
            geometry, outputGradient: gradient, weight: weight, result: result)
        } else {
          scatteredInputGradient(
            geometry, outputGradient: gradient, weight: weight, result: result)
        }
      }
    }
  }
}

/// A weight turned by 180 degrees with its channel axes exchanged: `[KH, KW, out, in]`.
private func reversed<Scalar: TensorScalar>(_ weight: Tensor<Scalar>) -> Tensor<Scalar> {
  let inputs = weight.shape[2]
  let outputs = weight.shape[3]
  return Tensor([weight.shape[0], weight.shape[1], outputs, inputs]) { target in
    weight.withUnsafeBufferPointer { source in
      guard let target = target.baseAddress, let source = source.baseAddress else { return }
      reverse(
        source, area: weight.shape[0] * weight.shape[1], inputs: inputs, outputs: outputs,
        into: target)
    }
  }
}

@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func reverse<Scalar: TensorScalar>(
  _ source: UnsafePointer<Scalar>, area: Int, inputs: Int, outputs: Int,
  into target: UnsafeMutablePointer<Scalar>
) {
  // In squares, so that the lines read stay in the cache until all their values are written.
  let side = 16
  let bands = (outputs + side - 1) / side
  ThreadPool.current.forEachChunk(of: area * bands, grain: 4) { chunk in
    for index in chunk {
      let position = index / bands
      let first = index % bands * side
      let last = min(first + side, outputs)
      let from = source + position * inputs * outputs
      let to = target + (area - 1 - position) * inputs * outputs
      var start = 0
      while start < inputs {
        let end = min(start + side, inputs)
        for output in first..<last {
          for input in start..<end { to[output * inputs + input] = from[input * outputs + output] }
        }
        start = end
      }
    }
  }
}

@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func scatteredInputGradient<Scalar: TensorScalar>(
  _ geometry: ConvolutionGeometry, outputGradient: UnsafePointer<Scalar>,
  weight: UnsafePointer<Scalar>, result: UnsafeMutablePointer<Scalar>
) {
  let area = geometry.outputHeight * geometry.outputWidth
  let imageLength = geometry.height * geometry.width * geometry.inputChannels
  let channels = geometry.outputChannels
  let groupOutputs = channels / geometry.groups
  let groupInputs = geometry.inputChannels / geometry.groups
  let length = geometry.patchLength
  let tile = geometry.tileLength
  ThreadPool.current.forEachChunk(of: geometry.batch) { images in
    let patches = PooledBuffer<Scalar>(count: tile * length)
    (result + images.lowerBound * imageLength).initialize(
      repeating: 0, count: images.count * imageLength)
    var start = images.lowerBound * area
    let end = images.upperBound * area
    while start < end {
      let positions = start..<min(start + tile, end)
      for group in 0..<geometry.groups {
        Scalar.gemm(
          transposeA: false, transposeB: true, m: positions.count, n: length, k: groupOutputs,
          alpha: 1, a: outputGradient + start * channels + group * groupOutputs,
          leadingA: channels, b: weight + group * groupOutputs, leadingB: channels, beta: 0,
          c: patches.base, leadingC: length)
        scatterPatches(
          geometry, patches: patches.base, positions: positions,
          channelOffset: group * groupInputs, into: result)
      }
      start = positions.upperBound
    }
  }
}

/// The gradient of a convolution's weight from its input and the gradient of its output.
package func convolutionWeightGradient<Scalar: TensorScalar>(
  _ geometry: ConvolutionGeometry, input: Tensor<Scalar>, outputGradient: Tensor<Scalar>,
  algorithm: ConvolutionAlgorithm? = nil
) -> Tensor<Scalar> {
  let algorithm = algorithm ?? geometry.algorithm
  return Tensor(geometry.weightShape) { result in
    input.withUnsafeBufferPointer { input in
      outputGradient.withUnsafeBufferPointer { gradient in
        guard let result = result.baseAddress, let input = input.baseAddress,
          let gradient = gradient.baseAddress
        else { return }
        switch algorithm {
        case .depthwise:
          depthwiseWeightGradient(
            geometry, input: input, outputGradient: gradient, result: result)
        case .winograd, .smallWinograd:
          winogradWeightGradient(
            geometry, algorithm == .winograd ? .large : .small, input: input,
            outputGradient: gradient, result: result)
        case .pointwise, .patches:
          weightGradient(geometry, input: input, outputGradient: gradient, result: result)
        }
      }
    }
  }
}

@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func weightGradient<Scalar: TensorScalar>(
  _ geometry: ConvolutionGeometry, input: UnsafePointer<Scalar>,
  outputGradient: UnsafePointer<Scalar>, result: UnsafeMutablePointer<Scalar>
) {
  let channels = geometry.outputChannels
  let groupOutputs = channels / geometry.groups
  let groupInputs = geometry.inputChannels / geometry.groups
  let length = geometry.patchLength
  let tile = geometry.tileLength
  let size = length * channels
  let pool = ThreadPool.current
  let chunks = pool.chunks(of: geometry.positions, grain: 16)
  // Each chunk sums into its own copy; the copies are then added in order of the chunks.
  let partial = PooledBuffer<Scalar>(count: max(1, chunks.count) * size)
  let sums = partial.base
  pool.forEach(chunks.count) { index in
    let own = sums + index * size
    own.initialize(repeating: 0, count: size)
    let patches =
      geometry.isPointwise ? nil : PooledBuffer<Scalar>(count: tile * length)
    var start = chunks[index].lowerBound
    while start < chunks[index].upperBound {
      let positions = start..<min(start + tile, chunks[index].upperBound)
      for group in 0..<geometry.groups {
        var left = input + start * geometry.inputChannels
        if let patches {
          gatherPatches(
            geometry, input: input, positions: positions, channelOffset: group * groupInputs,
            into: patches.base)
          left = UnsafePointer(patches.base)
        }
        Scalar.gemm(
          transposeA: true, transposeB: false, m: length, n: groupOutputs, k: positions.count,
          alpha: 1, a: left, leadingA: length,
          b: outputGradient + start * channels + group * groupOutputs, leadingB: channels,
          beta: 1, c: own + group * groupOutputs, leadingC: channels)
      }
      start = positions.upperBound
    }
  }
  result.initialize(repeating: 0, count: size)
  for index in 0..<chunks.count {
    let own = sums + index * size
    for element in 0..<size { result[element] += own[element] }
  }
}
