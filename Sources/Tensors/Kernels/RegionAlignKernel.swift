/// A part of a feature map that is sampled on a grid.
public struct FeatureRegion: Hashable, Sendable {
  /// The image of the batch.
  public var image: Int
  /// The feature map.
  public var level: Int
  /// The left edge, in pixels of the map.
  public var left: Double
  /// The upper edge, in pixels of the map.
  public var top: Double
  /// The right edge, in pixels of the map.
  public var right: Double
  /// The lower edge, in pixels of the map.
  public var bottom: Double

  /// Creates a region.
  public init(
    image: Int, level: Int, left: Double, top: Double, right: Double, bottom: Double
  ) {
    self.image = image
    self.level = level
    self.left = left
    self.top = top
    self.right = right
    self.bottom = bottom
  }
}

/// Samples regions of channels-last feature maps `[images, height, width, channels]` on grids.
package struct RegionAlignKernel: Sendable {
  /// A pixel along one axis and its share of a cell.
  private struct Tap {
    var pixel: Int
    var weight: Double
  }

  private let regions: [FeatureRegion]
  private let resolution: Int
  private let sampling: Int
  private let sizes: [(height: Int, width: Int)]
  private let channels: Int

  /// Creates the kernel of some regions.
  ///
  /// - Parameter sizes: the extents of each feature map.
  package init(
    _ regions: [FeatureRegion], resolution: Int, sampling: Int,
    sizes: [(height: Int, width: Int)], channels: Int
  ) {
    self.regions = regions
    self.resolution = resolution
    self.sampling = sampling
    self.sizes = sizes
    self.channels = channels
  }

  /// The pixels each cell along an axis is a mean of.
  ///
  /// The weights of the two axes multiply: a sample that lies more than a pixel outside counts
  /// nothing, whichever axis it is outside of.
  private func taps(from start: Double, to end: Double, extent: Int) -> [[Tap]] {
    let cell = (end - start) / Double(resolution)
    return (0..<resolution).map { index in
      (0..<sampling).flatMap { sample -> [Tap] in
        let place = (Double(index) + (Double(sample) + 0.5) / Double(sampling)) * cell
        // Pixel centres are half a pixel from the edges.
        let position = start + place - 0.5
        guard position >= -1, position <= Double(extent) else { return [] }
        let inside = min(max(position, 0), Double(extent - 1))
        let low = min(Int(inside), extent - 1)
        let share = inside - Double(low)
        let weight = 1 / Double(sampling)
        guard share > 0 else { return [Tap(pixel: low, weight: weight)] }
        return [
          Tap(pixel: low, weight: weight * (1 - share)),
          Tap(pixel: low + 1, weight: weight * share),
        ]
      }
    }
  }

  /// Calls a function with every cell of a region and every pixel it is a mean of.
  @inline(__always)
  private func forEachTap(
    _ region: FeatureRegion, _ body: (_ cell: Int, _ pixel: Int, _ weight: Double) -> Void
  ) {
    let (height, width) = sizes[region.level]
    let rows = taps(from: region.top, to: region.bottom, extent: height)
    let columns = taps(from: region.left, to: region.right, extent: width)
    for (row, down) in rows.enumerated() {
      for (column, across) in columns.enumerated() {
        for vertical in down {
          for horizontal in across {
            body(
              row * resolution + column,
              (region.image * height + vertical.pixel) * width + horizontal.pixel,
              vertical.weight * horizontal.weight)
          }
        }
      }
    }
  }

  /// Writes `[regions, resolution, resolution, channels]`; regions in parallel.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func align<Scalar: TensorScalar>(
    _ maps: [UnsafePointer<Scalar>], into target: UnsafeMutablePointer<Scalar>
  ) {
    let length = resolution * resolution * channels
    nonisolated(unsafe) let (maps, target) = (maps, target)
    ThreadPool.current.forEachChunk(of: regions.count) { range in
      for index in range {
        let result = target + index * length
        result.update(repeating: 0, count: length)
        let map = maps[regions[index].level]
        forEachTap(regions[index]) { cell, pixel, weight in
          add(map + pixel * channels, Scalar(weight), to: result + cell * channels)
        }
      }
    }
  }

  /// Adds the gradient of one map to `gradient`, which holds zeros; images in parallel.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func pullBack<Scalar: TensorScalar>(
    _ g: UnsafePointer<Scalar>, level: Int, into gradient: UnsafeMutablePointer<Scalar>,
    images: Int
  ) {
    let length = resolution * resolution * channels
    nonisolated(unsafe) let (g, gradient) = (g, gradient)
    ThreadPool.current.forEachChunk(of: images) { range in
      for (index, region) in regions.enumerated()
      where region.level == level && range.contains(region.image) {
        forEachTap(region) { cell, pixel, weight in
          add(
            g + index * length + cell * channels, Scalar(weight),
            to: gradient + pixel * channels)
        }
      }
    }
  }

  @inline(__always)
  private func add<Scalar: TensorScalar>(
    _ part: UnsafePointer<Scalar>, _ weight: Scalar, to sum: UnsafeMutablePointer<Scalar>
  ) {
    mapElements(sum, part, into: sum, count: channels) { $0 + weight * $1 }
  }
}
