internal import Tensors

/// Makes the pixels of an image of another size.
///
/// Along one axis and then along the other, every new pixel is a weighted mean of old ones. Weights
/// are whole numbers, so that every machine makes the same pixels; each pass rounds to 8 bits, as
/// PIL does. The centre of new pixel i lies at (i + 1/2) · step of the old image, as in PIL and in
/// TensorFlow's `tf.image.resize`.
enum Resampler {
  /// The bits of a weight behind the point: sums of 8-bit pixels fit 32 bits.
  private static let precision = 22

  /// The old pixels of one axis that each new one is made of.
  struct Weights {
    /// The first old pixel of each new one.
    var starts: [Int] = []
    /// Number of old pixels that each new one has weights for; some may be 0.
    var count = 0
    /// The weights, ``count`` for each new pixel.
    var values: [Int32] = []
  }

  /// Makes an image of a part of another.
  ///
  /// - Parameters:
  ///   - height: the rows of the new image.
  ///   - width: its columns.
  ///   - antialias: whether weights widen with the step.
  static func resample(
    _ image: PixelImage, _ part: ImagePlacement.Part, height: Int, width: Int,
    _ interpolation: ImageSizing.Interpolation, antialias: Bool
  ) -> PixelImage {
    guard interpolation != .nearest else {
      return pick(
        image, rows: nearest(from: part.top, length: part.height, of: image.height, to: height),
        columns: nearest(from: part.left, length: part.width, of: image.width, to: width))
    }
    let across = weights(
      from: part.left, length: part.width, of: image.width, to: width, interpolation, antialias)
    let down = weights(
      from: part.top, length: part.height, of: image.height, to: height, interpolation, antialias)
    var bytes = image.bytes
    let channels = image.channels
    if let across {
      bytes = combine(
        bytes, lines: image.height, length: image.width, stride: channels, across)
    }
    if let down {
      bytes = combine(bytes, lines: 1, length: image.height, stride: width * channels, down)
    }
    return PixelImage(height: height, width: width, channels: channels, bytes: bytes)
  }

  /// The old pixel that the centre of each new one lies in.
  static func nearest(from start: Double, length: Double, of extent: Int, to count: Int) -> [Int] {
    let step = length / Double(count)
    return (0..<count).map { index in
      min(extent - 1, max(0, Int(start + (Double(index) + 0.5) * step)))
    }
  }

  private static func pick(_ image: PixelImage, rows: [Int], columns: [Int]) -> PixelImage {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(rows.count * columns.count * image.channels)
    for row in rows {
      for column in columns {
        let pixel = (row * image.width + column) * image.channels
        bytes += image.bytes[pixel..<pixel + image.channels]
      }
    }
    return PixelImage(
      height: rows.count, width: columns.count, channels: image.channels, bytes: bytes)
  }

  /// The weights of one axis; nil if nothing changes along it.
  static func weights(
    from start: Double, length: Double, of extent: Int, to count: Int,
    _ interpolation: ImageSizing.Interpolation, _ antialias: Bool
  ) -> Weights? {
    guard start != 0 || length != Double(extent) || count != extent else { return nil }
    let step = length / Double(count)
    let widening = antialias ? max(1, step) : 1
    // How far from its centre a new pixel reaches.
    let reach = interpolation == .area ? step / 2 : interpolation.support * widening
    var rows: [(start: Int, weights: [Double])] = []
    for index in 0..<count {
      let center = start + (Double(index) + 0.5) * step
      let first: Int
      let end: Int
      if interpolation == .area {
        first = max(0, Int((center - reach).rounded(.down)))
        end = min(extent, Int((center + reach).rounded(.up)))
      } else {
        first = max(0, Int((center - reach + 0.5).rounded(.towardZero)))
        end = min(extent, Int((center + reach + 0.5).rounded(.towardZero)))
      }
      let inside = min(first, extent - 1)..<max(end, min(first, extent - 1) + 1)
      var weights = inside.map { pixel in
        interpolation == .area
          ? max(0, min(Double(pixel) + 1, center + reach) - max(Double(pixel), center - reach))
          : interpolation.weight((Double(pixel) + 0.5 - center) / widening)
      }
      let sum = weights.reduce(0, +)
      for position in weights.indices {
        weights[position] = sum == 0 ? (position == 0 ? 1 : 0) : weights[position] / sum
      }
      rows.append((inside.lowerBound, weights))
    }
    let most = rows.map(\.weights.count).max() ?? 1
    var result = Weights(starts: [], count: most)
    let scale = Double(1 << precision)
    for row in rows {
      // Rows of fewer weights are filled up on the side where there are pixels.
      let first = min(row.start, extent - most)
      let before = row.start - first
      let values =
        [Double](repeating: 0, count: before) + row.weights
        + [Double](repeating: 0, count: most - before - row.weights.count)
      result.starts.append(first)
      result.values += values.map { Int32(($0 * scale).rounded()) }
    }
    return result
  }

  /// Means along one axis of an array `[lines, length, stride]`.
  private static func combine(
    _ source: [UInt8], lines: Int, length: Int, stride: Int, _ weights: Weights
  ) -> [UInt8] {
    let count = weights.starts.count
    let total = lines * count * stride
    let half = Int32(1) << Int32(precision - 1)
    return [UInt8](unsafeUninitializedCapacity: total) { target, initialized in
      source.withUnsafeBufferPointer { source in
        weights.values.withUnsafeBufferPointer { values in
          withUnsafeTemporaryAllocation(of: Int32.self, capacity: stride) { sums in
            for line in 0..<lines {
              for new in 0..<count {
                sums.initialize(repeating: half)
                for tap in 0..<weights.count {
                  let weight = values[new * weights.count + tap]
                  if weight == 0 { continue }
                  let old = (line * length + weights.starts[new] + tap) * stride
                  for element in 0..<stride {
                    sums[element] &+= Int32(source[old + element]) &* weight
                  }
                }
                let place = (line * count + new) * stride
                for element in 0..<stride {
                  let level = sums[element] >> Int32(precision)
                  target.initializeElement(at: place + element, to: UInt8(max(0, min(255, level))))
                }
              }
            }
          }
        }
      }
      initialized = total
    }
  }
}

extension ImageSizing.Interpolation {
  /// Reach of the weights of a pixel, in pixels.
  fileprivate var support: Double {
    switch self {
    case .nearest, .area: 0.5
    case .bilinear: 1
    case .bicubic: 2
    }
  }

  /// The weight of a pixel at a distance.
  fileprivate func weight(_ distance: Double) -> Double {
    let x = abs(distance)
    switch self {
    case .nearest, .area: return x <= 0.5 ? 1 : 0
    case .bilinear: return max(0, 1 - x)
    case .bicubic:
      // Keys, "Cubic convolution interpolation for digital image processing", 1981, with a = −1/2.
      let a = -0.5
      if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
      if x < 2 { return (((x - 5) * x + 8) * x - 4) * a }
      return 0
    }
  }
}
