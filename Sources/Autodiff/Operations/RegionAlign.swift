public import Tensors

/// Regions of feature maps on grids of one size: every cell is the mean of samples between the
/// pixels around them.
///
/// As torchvision's `roi_align` with `aligned=True`, and ONNX's `RoiAlign` with `half_pixel`.
/// Source: He and others 2017, https://arxiv.org/abs/1703.06870, section 3.
public struct RegionAlign: Operation {
  /// The name `region_align`.
  public static let name = "region_align"

  /// The regions, of any image and map.
  public let regions: [FeatureRegion]

  /// The rows and columns of a grid.
  public let resolution: Int

  /// The samples of a cell along each axis.
  public let sampling: Int

  /// Creates the operation.
  ///
  /// - Precondition: positive numbers.
  public init(_ regions: [FeatureRegion], resolution: Int, sampling: Int = 2) {
    precondition(
      resolution > 0 && sampling > 0, "region_align: resolution \(resolution) of \(sampling)")
    self.regions = regions
    self.resolution = resolution
    self.sampling = sampling
  }

  /// Evaluates on feature maps `[images, height, width, channels]`, equal in images and channels;
  /// the result is `[regions, resolution, resolution, channels]`.
  public func evaluate<Scalar: TensorScalar>(
    _ inputs: [Tensor<Scalar>], requiring: [Bool]
  ) -> Evaluation<Scalar> {
    let shapes = inputs.map { $0.shape }
    precondition(
      shapes.allSatisfy { $0.rank == 4 && $0[0] == shapes[0][0] && $0[3] == shapes[0][3] },
      "region_align: maps \(shapes)")
    precondition(
      regions.allSatisfy {
        inputs.indices.contains($0.level) && (0..<shapes[0][0]).contains($0.image)
      }, "region_align: a region outside \(inputs.count) maps of \(shapes[0][0]) images")
    let channels = shapes[0][3]
    let kernel = RegionAlignKernel(
      regions, resolution: resolution, sampling: sampling,
      sizes: shapes.map { ($0[1], $0[2]) }, channels: channels)
    let value = RegionAlign.withPointers(inputs[...], []) { maps in
      Tensor<Scalar>([regions.count, resolution, resolution, channels]) { target in
        guard let target = target.baseAddress else { return }
        kernel.align(maps, into: target)
      }
    }
    guard requiring.contains(true) else { return Evaluation(value) }
    return Evaluation(value) { gradient in
      shapes.indices.map { level in
        guard requiring[level] else { return nil }
        var result = Tensor<Scalar>(shapes[level], repeating: 0)
        gradient.withUnsafeBufferPointer { source in
          result.withUnsafeMutableBufferPointer { target in
            guard let source = source.baseAddress, let target = target.baseAddress else { return }
            kernel.pullBack(source, level: level, into: target, images: shapes[level][0])
          }
        }
        return result
      }
    }
  }

  /// Calls a function with the elements of tensors.
  private static func withPointers<Scalar: TensorScalar, R>(
    _ tensors: ArraySlice<Tensor<Scalar>>, _ pointers: [UnsafePointer<Scalar>],
    _ body: ([UnsafePointer<Scalar>]) -> R
  ) -> R {
    guard let first = tensors.first else { return body(pointers) }
    return first.withUnsafeBufferPointer { buffer in
      withPointers(
        tensors.dropFirst(), pointers + [buffer.baseAddress].compactMap { $0 }, body)
    }
  }
}
