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
///
/// Where each cell takes its values from is found once, for the maps and for their gradients.
package struct RegionAlignKernel: Sendable {
  /// A pixel along one axis and its share of a cell; a share of 0 stands for none.
  private struct Tap {
    var pixel = 0
    var weight = 0.0
  }

  private let regions: [FeatureRegion]
  private let resolution: Int
  private let sizes: [(height: Int, width: Int)]
  private let channels: Int
  /// The taps of a cell along one axis.
  private let tapCount: Int
  /// The taps of every region, one row of cells and then one column of them.
  private let taps: [Tap]

  /// Creates the kernel of some regions.
  ///
  /// - Parameter sizes: the extents of each feature map.
  package init(
    _ regions: [FeatureRegion], resolution: Int, sampling: Int,
    sizes: [(height: Int, width: Int)], channels: Int
  ) {
    self.regions = regions
    self.resolution = resolution
    self.sizes = sizes
    self.channels = channels
    tapCount = 2 * sampling
    let axis = resolution * 2 * sampling
    var taps = [Tap](repeating: Tap(), count: regions.count * 2 * axis)
    for (index, region) in regions.enumerated() {
      let size = sizes[region.level]
      let start = index * 2 * axis
      Self.place(
        &taps, at: start, from: region.top, to: region.bottom, extent: size.height,
        samples: resolution * sampling, sampling: sampling)
      Self.place(
        &taps, at: start + axis, from: region.left, to: region.right, extent: size.width,
        samples: resolution * sampling, sampling: sampling)
    }
    self.taps = taps
  }

  /// Sets the two taps of every sample along an axis.
  ///
  /// The weights of the two axes multiply: a sample that lies more than a pixel outside counts
  /// nothing, whichever axis it is outside of.
  private static func place(
    _ taps: inout [Tap], at first: Int, from start: Double, to end: Double, extent: Int,
    samples: Int, sampling: Int
  ) {
    for sample in 0..<samples {
      // Pixel centres are half a pixel from the edges.
      let position = start + (Double(sample) + 0.5) * (end - start) / Double(samples) - 0.5
      guard position >= -1, position <= Double(extent) else { continue }
      let inside = min(max(position, 0), Double(extent - 1))
      let low = min(Int(inside), extent - 1)
      let share = inside - Double(low)
      let weight = 1 / Double(sampling)
      taps[first + 2 * sample] = Tap(pixel: low, weight: weight * (1 - share))
      // Beyond the last pixel the share is 0.
      taps[first + 2 * sample + 1] = Tap(pixel: low + 1, weight: weight * share)
    }
  }

  /// Calls a function with every cell of a region and every pixel it is a mean of.
  @inline(__always)
  private func forEachTap(
    _ index: Int, _ body: (_ cell: Int, _ pixel: Int, _ weight: Double) -> Void
  ) {
    let region = regions[index]
    let (height, width) = sizes[region.level]
    let rows = index * 2 * resolution * tapCount
    let columns = rows + resolution * tapCount
    for row in 0..<resolution {
      for column in 0..<resolution {
        for vertical in taps[rows + row * tapCount..<rows + (row + 1) * tapCount]
        where vertical.weight > 0 {
          let line = (region.image * height + vertical.pixel) * width
          for horizontal in taps[columns + column * tapCount..<columns + (column + 1) * tapCount]
          where horizontal.weight > 0 {
            body(
              row * resolution + column, line + horizontal.pixel,
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
        forEachTap(index) { cell, pixel, weight in
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
        forEachTap(index) { cell, pixel, weight in
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
