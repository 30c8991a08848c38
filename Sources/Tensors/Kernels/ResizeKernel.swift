/// How an image is sampled at another size; PyTorch's `interpolate`.
public enum ResizeMode: String, Codable, CaseIterable, Sendable {
  /// The source pixel at `floor(target · source extent / target extent)`: PyTorch's `nearest`.
  case nearest
  /// Between four pixels, whose centres are half a pixel from the border: `align_corners=False`.
  case bilinear
  /// Between four pixels, with the corner pixels of both sizes on each other:
  /// `align_corners=True`.
  case bilinearAlignCorners = "bilinear_align_corners"
}

/// Resampling of channels-last images `[images, height, width, channels]`.
package struct ResizeKernel: Sendable {
  private let mode: ResizeMode
  private let channels: Int
  private let source: (height: Int, width: Int)
  private let target: (height: Int, width: Int)
  private let rows: [Tap]
  private let columns: [Tap]

  /// Where along an axis a target pixel is sampled: between two source pixels.
  private struct Tap {
    var low: Int
    var high: Int
    /// The share of the higher pixel.
    var weight: Double
  }

  /// Creates the kernel of two sizes, `(height, width)` each, none zero.
  package init(
    _ mode: ResizeMode, from source: (height: Int, width: Int),
    to target: (height: Int, width: Int), channels: Int
  ) {
    self.mode = mode
    self.source = source
    self.target = target
    self.channels = channels
    rows = ResizeKernel.taps(mode, from: source.height, to: target.height)
    columns = ResizeKernel.taps(mode, from: source.width, to: target.width)
  }

  private static func taps(_ mode: ResizeMode, from source: Int, to target: Int) -> [Tap] {
    (0..<target).map { index in
      let position: Double
      switch mode {
      case .nearest:
        // In Float, as PyTorch computes it: the products round alike.
        let scale = Float(source) / Float(target)
        let low = min(Int((Float(index) * scale).rounded(.down)), source - 1)
        return Tap(low: low, high: low, weight: 0)
      case .bilinear:
        position = max(0, (Double(index) + 0.5) * Double(source) / Double(target) - 0.5)
      case .bilinearAlignCorners:
        position = target > 1 ? Double(index) * Double(source - 1) / Double(target - 1) : 0
      }
      let low = min(Int(position), source - 1)
      return Tap(low: low, high: min(low + 1, source - 1), weight: position - Double(low))
    }
  }

  /// Writes the resampled images; rows of all images in parallel.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func resize<Scalar: TensorScalar>(
    _ x: UnsafePointer<Scalar>, into y: UnsafeMutablePointer<Scalar>, images: Int
  ) {
    let grain = max(1, elementGrain / (4 * max(target.width * channels, 1)))
    ThreadPool.current.forEachChunk(of: images * target.height, grain: grain) { range in
      for line in range {
        let tap = rows[line % target.height]
        let image = x + line / target.height * source.height * source.width * channels
        let low = image + tap.low * source.width * channels
        let high = image + tap.high * source.width * channels
        for (column, across) in columns.enumerated() {
          let pixel = y + (line * target.width + column) * channels
          let (left, right) = (across.low * channels, across.high * channels)
          if mode == .nearest {
            pixel.update(from: low + left, count: channels)
            continue
          }
          let (down, over) = (Scalar(tap.weight), Scalar(across.weight))
          mapElements(low + left, low + right, into: pixel, count: channels) {
            (1 - down) * ((1 - over) * $0 + over * $1)
          }
          mapElements(high + left, high + right, pixel, into: pixel, count: channels) {
            $2 + down * ((1 - over) * $0 + over * $1)
          }
        }
      }
    }
  }

  /// Adds the gradient of the input to `dx`, which holds zeros; images in parallel.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func pullBack<Scalar: TensorScalar>(
    _ g: UnsafePointer<Scalar>, into dx: UnsafeMutablePointer<Scalar>, images: Int
  ) {
    ThreadPool.current.forEachChunk(of: images) { range in
      for image in range {
        let dx = dx + image * source.height * source.width * channels
        let g = g + image * target.height * target.width * channels
        for (row, tap) in rows.enumerated() {
          let low = dx + tap.low * source.width * channels
          let high = dx + tap.high * source.width * channels
          let (down, up) = (Scalar(tap.weight), 1 - Scalar(tap.weight))
          for (column, across) in columns.enumerated() {
            let pixel = g + (row * target.width + column) * channels
            let (left, right) = (across.low * channels, across.high * channels)
            let (over, back) = (Scalar(across.weight), 1 - Scalar(across.weight))
            add(pixel, up * back, to: low + left)
            guard mode != .nearest else { continue }
            add(pixel, up * over, to: low + right)
            add(pixel, down * back, to: high + left)
            add(pixel, down * over, to: high + right)
          }
        }
      }
    }
  }

  @inline(__always)
  private func add<Scalar: TensorScalar>(
    _ pixel: UnsafePointer<Scalar>, _ weight: Scalar, to sum: UnsafeMutablePointer<Scalar>
  ) {
    mapElements(sum, pixel, into: sum, count: channels) { $0 + weight * $1 }
  }
}
