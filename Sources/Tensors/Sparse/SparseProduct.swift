internal import CKernels

// Products with a matrix of few entries. Samples are turned into tiles, in which the values of a
// feature lie side by side, so that an entry multiplies whole vectors wherever its column is:
//
//   x[batch, inputs] → xT[tiles][inputs][tile] → yT[tiles][outputs][tile] → y[batch, outputs]
//
// One sample alone is multiplied as it lies.

/// Samples as tiles, `[tiles][features][tile]`; the last may be filled with zeros.
package struct TiledSamples<Scalar: TensorScalar>: Sendable {
  /// How many samples there are.
  let count: Int
  /// How many values a sample has.
  let features: Int
  /// How many samples lie side by side.
  let tile: Int
  /// The values.
  var values: Tensor<Scalar>

  var tiles: Int { (count + tile - 1) / tile }

  /// Tiles no vector of which has been written.
  init(
    count: Int, features: Int, tile: Int,
    writing body: (UnsafeMutablePointer<Scalar>) -> Void
  ) {
    self.count = count
    self.features = features
    self.tile = tile
    let tiles = (count + tile - 1) / tile
    values = Tensor([tiles, features, tile]) { buffer in
      if let base = buffer.baseAddress { body(base) }
    }
  }

  /// Turns samples `[count, features]`.
  package init(_ samples: Tensor<Scalar>, features: Int, tile: Int) {
    let count = samples.count / max(features, 1)
    let tiles = (count + tile - 1) / tile
    self.init(count: count, features: features, tile: tile) { target in
      samples.withUnsafeBufferPointer { source in
        guard let source = source.baseAddress else { return }
        ThreadPool.current.forEachChunk(of: tiles) { range in
          for index in range {
            sparse_tile(
              Scalar.self == Double.self, tile, min(tile, count - index * tile), features,
              source + index * tile * features, target + index * features * tile)
          }
        }
      }
    }
  }

  /// The samples, `[count, features]`, with a number for each feature added.
  package func samples(adding bias: Tensor<Scalar>? = nil) -> Tensor<Scalar> {
    Tensor([count, features]) { target in
      values.withUnsafeBufferPointer { source in
        guard let source = source.baseAddress, let target = target.baseAddress else { return }
        func turn(_ bias: UnsafePointer<Scalar>?) {
          ThreadPool.current.forEachChunk(of: tiles) { range in
            for index in range {
              sparse_untile(
                Scalar.self == Double.self, tile, min(tile, count - index * tile), features,
                source + index * features * tile, bias, target + index * tile * features)
            }
          }
        }
        guard let bias else { return turn(nil) }
        bias.withUnsafeBufferPointer { turn($0.baseAddress) }
      }
    }
  }
}

extension SparsePattern {
  /// How many samples lie side by side where a number of features are read at random: so many that
  /// they fill vectors, and so few that a tile stays near.
  package static func tile(features: Int, samples: Int) -> Int {
    let longest = features <= 1024 ? 64 : 32
    return min(longest, samples <= 16 ? 16 : samples <= 32 ? 32 : 64)
  }

  /// Calls with the rows of this matrix, an output each, or of its transpose, an input each.
  func withRows(isTransposed: Bool, _ body: (SparseRows) -> Void) {
    if isTransposed {
      transposedOffsets.withUnsafeBufferPointer { offsets in
        transposedOutputs.withUnsafeBufferPointer { sources in
          transposedPositions.withUnsafeBufferPointer { positions in
            body(
              SparseRows(
                offsets: offsets.baseAddress, sources: sources.baseAddress,
                positions: positions.baseAddress))
          }
        }
      }
    } else {
      offsets.withUnsafeBufferPointer { offsets in
        inputs.withUnsafeBufferPointer { sources in
          body(
            SparseRows(
              offsets: offsets.baseAddress, sources: sources.baseAddress, positions: nil))
        }
      }
    }
  }

  /// The product with one sample `[inputs]`, or with the transpose and one `[outputs]`.
  package func vectorProduct<Scalar: TensorScalar>(
    _ sample: Tensor<Scalar>, _ weight: Tensor<Scalar>, bias: Tensor<Scalar>?,
    isTransposed: Bool = false
  ) -> Tensor<Scalar> {
    let count = isTransposed ? inputCount : outputCount
    return Tensor([1, count]) { target in
      sample.withUnsafeBufferPointer { sample in
        weight.withUnsafeBufferPointer { weight in
          guard let sample = sample.baseAddress, let target = target.baseAddress else { return }
          withRows(isTransposed: isTransposed) { rows in
            func multiply(_ bias: UnsafePointer<Scalar>?) {
              // Fewer multiplications than this are done before another thread has begun.
              let grain = max(1, count * (1 << 15) / max(entryCount, 1))
              ThreadPool.current.forEachChunk(of: count, grain: grain) { range in
                sparse_vector(
                  Scalar.self == Double.self, rows, range.lowerBound, range.upperBound,
                  weight.baseAddress, sample, bias, target)
              }
            }
            guard let bias else { return multiply(nil) }
            bias.withUnsafeBufferPointer { multiply($0.baseAddress) }
          }
        }
      }
    }
  }

  /// The product with tiles of samples, or of the transpose with them.
  package func product<Scalar: TensorScalar>(
    _ samples: TiledSamples<Scalar>, _ weight: Tensor<Scalar>, isTransposed: Bool = false
  ) -> TiledSamples<Scalar> {
    let count = isTransposed ? inputCount : outputCount
    let tile = samples.tile
    let tiles = samples.tiles
    return TiledSamples(count: samples.count, features: count, tile: tile) { target in
      samples.values.withUnsafeBufferPointer { source in
        weight.withUnsafeBufferPointer { weight in
          guard let source = source.baseAddress else { return }
          withRows(isTransposed: isTransposed) { rows in
            let pool = ThreadPool.current
            // Tiles are shared where there are enough of them, else the rows of each.
            let parts = tiles >= pool.threadCount ? 1 : pool.threadCount
            pool.forEach(tiles * parts) { index in
              let (tileIndex, part) = (index / parts, index % parts)
              sparse_product(
                Scalar.self == Double.self, rows, tile, count * part / parts,
                count * (part + 1) / parts, weight.baseAddress,
                source + tileIndex * samples.features * tile,
                target + tileIndex * count * tile)
            }
          }
        }
      }
    }
  }

  /// The gradient of the entries: the products of what came back and what went in, summed over the
  /// samples in their order.
  package func weightGradient<Scalar: TensorScalar>(
    input: TiledSamples<Scalar>, upstream: TiledSamples<Scalar>
  ) -> Tensor<Scalar> {
    var gradient = Tensor<Scalar>([entryCount], repeating: 0)
    let tile = input.tile
    gradient.withUnsafeMutableBufferPointer { target in
      input.values.withUnsafeBufferPointer { input in
        upstream.values.withUnsafeBufferPointer { upstreamValues in
          guard let input = input.baseAddress, let back = upstreamValues.baseAddress,
            let target = target.baseAddress
          else { return }
          withRows(isTransposed: false) { rows in
            let grain = max(1, outputCount * (1 << 12) / max(entryCount, 1))
            ThreadPool.current.forEachChunk(of: outputCount, grain: grain) { range in
              for index in 0..<upstream.tiles {
                sparse_values_gradient(
                  Scalar.self == Double.self, rows, tile, range.lowerBound, range.upperBound,
                  back + index * outputCount * tile, input + index * inputCount * tile, target)
              }
            }
          }
        }
      }
    }
    return gradient
  }

  /// All entries as a matrix `[inputs, outputs]`, zero where there is none.
  package func dense<Scalar: TensorScalar>(_ weight: Tensor<Scalar>) -> Tensor<Scalar> {
    var matrix = Tensor<Scalar>([inputCount, outputCount], repeating: 0)
    matrix.withUnsafeMutableBufferPointer { target in
      weight.withUnsafeBufferPointer { source in
        for output in 0..<outputCount {
          for entry in Int(offsets[output])..<Int(offsets[output + 1]) {
            target[Int(inputs[entry]) * outputCount + output] = source[entry]
          }
        }
      }
    }
    return matrix
  }
}
