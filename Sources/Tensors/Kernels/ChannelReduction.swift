/// Sums a matrix over its rows: `[…, columns]` to `[columns]`, in an order fixed by the thread
/// count.
package func sumOverRows<Scalar: TensorScalar>(_ matrix: Tensor<Scalar>) -> Tensor<Scalar> {
  let columns = matrix.shape[-1]
  return matrix.withUnsafeBufferPointer { source in
    Tensor<Scalar>([columns]) { sums in
      guard let source = source.baseAddress, let sums = sums.baseAddress else { return }
      sumRows(source, rows: matrix.count / max(columns, 1), columns: columns, into: sums)
    }
  }
}

@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func sumRows<Scalar: TensorScalar>(
  _ source: UnsafePointer<Scalar>, rows: Int, columns: Int, into sums: UnsafeMutablePointer<Scalar>
) {
  reduceRows(rows: rows, columns: columns, into: sums) { row, block in
    let line = source + row * columns
    for column in 0..<columns { block[column] += line[column] }
  }
}

/// The mean and the biased variance of each channel over all rows of `[…, channels]`.
package func channelMoments<Scalar: TensorScalar>(
  _ input: Tensor<Scalar>
) -> (mean: Tensor<Scalar>, variance: Tensor<Scalar>) {
  let channels = input.shape[-1]
  let rows = input.count / max(channels, 1)
  let mean = sumOverRows(input).scaledInCallingThread(by: 1 / Scalar(max(rows, 1)))
  let squares = input.withUnsafeBufferPointer { input in
    mean.withUnsafeBufferPointer { mean in
      Tensor<Scalar>([channels]) { sums in
        guard let input = input.baseAddress, let mean = mean.baseAddress,
          let sums = sums.baseAddress
        else { return }
        sumSquaredDeviations(input, mean: mean, rows: rows, columns: channels, into: sums)
      }
    }
  }
  return (mean, squares.scaledInCallingThread(by: 1 / Scalar(max(rows, 1))))
}

@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func sumSquaredDeviations<Scalar: TensorScalar>(
  _ source: UnsafePointer<Scalar>, mean: UnsafePointer<Scalar>, rows: Int, columns: Int,
  into sums: UnsafeMutablePointer<Scalar>
) {
  reduceRows(rows: rows, columns: columns, into: sums) { row, block in
    let line = source + row * columns
    for column in 0..<columns {
      let centred = line[column] - mean[column]
      block[column] += centred * centred
    }
  }
}

/// For each channel, the sum over rows of `gradient · (input − mean)`.
package func sumOfDeviationProducts<Scalar: TensorScalar>(
  gradient: Tensor<Scalar>, input: Tensor<Scalar>, mean: Tensor<Scalar>
) -> Tensor<Scalar> {
  let channels = input.shape[-1]
  let rows = input.count / max(channels, 1)
  return gradient.withUnsafeBufferPointer { gradient in
    input.withUnsafeBufferPointer { input in
      mean.withUnsafeBufferPointer { mean in
        Tensor<Scalar>([channels]) { sums in
          guard let gradient = gradient.baseAddress, let input = input.baseAddress,
            let mean = mean.baseAddress, let sums = sums.baseAddress
          else { return }
          sumDeviationProducts(
            gradient, input, mean: mean, rows: rows, columns: channels, into: sums)
        }
      }
    }
  }
}

@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func sumDeviationProducts<Scalar: TensorScalar>(
  _ gradient: UnsafePointer<Scalar>, _ input: UnsafePointer<Scalar>, mean: UnsafePointer<Scalar>,
  rows: Int, columns: Int, into sums: UnsafeMutablePointer<Scalar>
) {
  reduceRows(rows: rows, columns: columns, into: sums) { row, block in
    let upstream = gradient + row * columns
    let line = input + row * columns
    for column in 0..<columns {
      block[column] += upstream[column] * (line[column] - mean[column])
    }
  }
}

/// Sums a contribution of every row, in parallel chunks of rows.
///
/// Blocks of rows are summed apart and then added, so that rounding does not grow with the number
/// of rows; chunks are added in their order, so that the sum repeats bit for bit.
///
/// - Parameter add: adds the contribution of a row to a block of `columns` sums.
@inline(__always)
private func reduceRows<Scalar: TensorScalar>(
  rows: Int, columns: Int, into sums: UnsafeMutablePointer<Scalar>,
  _ add: (_ row: Int, _ block: UnsafeMutablePointer<Scalar>) -> Void
) {
  sums.initialize(repeating: 0, count: columns)
  let pool = ThreadPool.current
  let grain = max(1, (1 << 14) / max(columns, 1))
  let parts = max(1, min(pool.threadCount, rows / grain))
  let partial = PooledBuffer<Scalar>(count: 2 * columns * parts)
  let base = partial.base
  base.initialize(repeating: 0, count: partial.count)
  pool.forEach(parts) { part in
    let total = base + 2 * part * columns
    let block = total + columns
    var row = rows * part / parts
    let last = rows * (part + 1) / parts
    while row < last {
      let end = min(row + 128, last)
      for column in 0..<columns { block[column] = 0 }
      while row < end {
        add(row, block)
        row += 1
      }
      for column in 0..<columns { total[column] += block[column] }
    }
  }
  for part in 0..<parts {
    let total = base + 2 * part * columns
    for column in 0..<columns { sums[column] += total[column] }
  }
}

extension Tensor {
  /// This short tensor times a constant, without the cost of sharing the loop.
  fileprivate func scaledInCallingThread(by factor: Scalar) -> Tensor {
    Tensor(shape, scalars.map { $0 * factor })
  }
}

/// `input · factor + offset` with a factor and an offset for each channel of `[…, channels]`.
package func scaleChannels<Scalar: TensorScalar>(
  _ input: Tensor<Scalar>, factor: Tensor<Scalar>, offset: Tensor<Scalar>? = nil
) -> Tensor<Scalar> {
  combineChannels(input, factor, nil, nil, offset)
}

/// `first · firstFactor + second · secondFactor + offset`, factors and offset for each channel.
package func combineChannels<Scalar: TensorScalar>(
  _ first: Tensor<Scalar>, _ firstFactor: Tensor<Scalar>, _ second: Tensor<Scalar>?,
  _ secondFactor: Tensor<Scalar>?, _ offset: Tensor<Scalar>?
) -> Tensor<Scalar> {
  let channels = first.shape[-1]
  let rows = first.count / max(channels, 1)
  let zeros = offset ?? Tensor([channels], repeating: 0)
  return Tensor(first.shape) { output in
    first.withUnsafeBufferPointer { first in
      firstFactor.withUnsafeBufferPointer { firstFactor in
        zeros.withUnsafeBufferPointer { offset in
          guard let output = output.baseAddress, let first = first.baseAddress,
            let firstFactor = firstFactor.baseAddress, let offset = offset.baseAddress
          else { return }
          if let second, let secondFactor {
            second.withUnsafeBufferPointer { second in
              secondFactor.withUnsafeBufferPointer { secondFactor in
                guard let second = second.baseAddress, let secondFactor = secondFactor.baseAddress
                else { return }
                combine(
                  first, firstFactor, second, secondFactor, offset, rows: rows, columns: channels,
                  output: output)
              }
            }
          } else {
            affine(first, firstFactor, offset, rows: rows, columns: channels, output: output)
          }
        }
      }
    }
  }
}

@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func affine<Scalar: TensorScalar>(
  _ input: UnsafePointer<Scalar>, _ factor: UnsafePointer<Scalar>,
  _ offset: UnsafePointer<Scalar>, rows: Int, columns: Int, output: UnsafeMutablePointer<Scalar>
) {
  ThreadPool.current.forEachChunk(of: rows, grain: max(1, (1 << 14) / max(columns, 1))) { chunk in
    for row in chunk {
      let line = input + row * columns
      let target = output + row * columns
      for column in 0..<columns { target[column] = line[column] * factor[column] + offset[column] }
    }
  }
}

@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func combine<Scalar: TensorScalar>(
  _ first: UnsafePointer<Scalar>, _ firstFactor: UnsafePointer<Scalar>,
  _ second: UnsafePointer<Scalar>, _ secondFactor: UnsafePointer<Scalar>,
  _ offset: UnsafePointer<Scalar>, rows: Int, columns: Int, output: UnsafeMutablePointer<Scalar>
) {
  ThreadPool.current.forEachChunk(of: rows, grain: max(1, (1 << 14) / max(columns, 1))) { chunk in
    for row in chunk {
      let a = first + row * columns
      let b = second + row * columns
      let target = output + row * columns
      for column in 0..<columns {
        target[column] =
          a[column] * firstFactor[column] + b[column] * secondFactor[column]
          + offset[column]
      }
    }
  }
}
