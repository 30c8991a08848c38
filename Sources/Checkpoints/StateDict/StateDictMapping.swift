internal import Networks
internal import Tensors

/// How the parameters of a network stand in PyTorch's layout: the same names, other axes.
///
/// | parameter | here | PyTorch |
/// |---|---|---|
/// | convolution | `[height, width, in / groups, out]` | `[out, in / groups, height, width]` |
/// | transposed convolution | `[height, width, out / groups, in]` | `[in, out / groups, height, width]` |
/// | linear, projections of attention | `[in, out]` | `[out, in]` |
///
/// An image is flattened channels-last here and channels-first there, so that features made by
/// flattening an image are in another order.
struct StateDictMapping {
  /// How one parameter is converted.
  struct Conversion {
    /// The shape in the engine.
    let shape: Shape
    /// The engine's shape with flattened images as images.
    let unflattened: Shape
    /// For each axis of ``unflattened``, the axis of the file's tensor, with images as images.
    let order: [Int]

    /// The shape in the file.
    let fileShape: Shape

    /// The engine's tensor for one of the file.
    func fromFile(_ tensor: Tensor<Float>) -> Tensor<Float> {
      var shape = [Int](repeating: 0, count: order.count)
      for (axis, source) in order.enumerated() { shape[source] = unflattened[axis] }
      return tensor.reshaped(to: Shape(shape)).permuted(order).reshaped(to: self.shape)
    }

    /// The file's tensor for one of the engine.
    func toFile(_ tensor: Tensor<Float>) -> Tensor<Float> {
      let inverse = order.indices.map { axis in order.firstIndex(of: axis) ?? axis }
      return tensor.reshaped(to: unflattened).permuted(inverse).reshaped(to: fileShape)
    }
  }

  /// The conversion of each parameter path.
  let conversions: [String: Conversion]

  /// A network's nodes that join flattened images, which have no counterpart in PyTorch's order.
  let unsupported: [String]

  init(_ network: Network) {
    var conversions: [String: Conversion] = [:]
    var unsupported: [String] = []
    let images = StateDictMapping.flattenedImages(network, &unsupported)
    for node in network.nodes {
      let image = node.inputs.first.flatMap { images[$0] }
      for parameter in node.layer.parameters {
        conversions["\(node.name).\(parameter.name)"] = StateDictMapping.conversion(
          parameter, of: node.layer, image: image)
      }
    }
    self.conversions = conversions
    self.unsupported = unsupported
  }

  private static func conversion(
    _ parameter: ParameterSpecification, of layer: any Layer, image: Shape?
  ) -> Conversion {
    let shape = parameter.shape
    let isWeight = parameter.name == "weight"
    if isWeight, layer is ConvolutionLayer || layer is TransposedConvolutionLayer {
      return Conversion(
        shape: shape, unflattened: shape, order: [2, 3, 1, 0],
        fileShape: [shape[3], shape[2], shape[0], shape[1]])
    }
    if isWeight, layer is LinearLayer {
      let fileShape: Shape = [shape[1], shape[0]]
      guard let image, image.elementCount == shape[0] else {
        return Conversion(shape: shape, unflattened: shape, order: [1, 0], fileShape: fileShape)
      }
      // [out, channels, height, width] to [height, width, channels, out].
      return Conversion(
        shape: shape, unflattened: image.appending(shape[1]), order: [2, 3, 1, 0],
        fileShape: fileShape)
    }
    if layer is WindowAttentionLayer, parameter.role == .weight {
      return Conversion(
        shape: shape, unflattened: shape, order: [1, 0], fileShape: [shape[1], shape[0]])
    }
    if let image, !(layer is LinearLayer), shape == [image.elementCount] {
      return Conversion(shape: shape, unflattened: image, order: [1, 2, 0], fileShape: shape)
    }
    return Conversion(
      shape: shape, unflattened: shape, order: Array(0..<shape.rank), fileShape: shape)
  }

  /// The values that are flattened images whose order differs, with the image's shape.
  private static func flattenedImages(
    _ network: Network, _ unsupported: inout [String]
  ) -> [String: Shape] {
    var images: [String: Shape] = [:]
    for node in network.nodes {
      guard let first = node.inputs.first, let input = network.shapes[first],
        let output = network.shapes[node.name]
      else { continue }
      if node.layer is FlattenLayer || node.layer is ReshapeLayer, input.rank == 3,
        output.rank == 1
      {
        // With one pixel or one channel both orders are the same.
        if input[2] > 1, input[0] * input[1] > 1 { images[node.name] = input }
      } else if node.inputs.contains(where: { images[$0] != nil }), !(node.layer is LinearLayer) {
        if output == input, Set(node.inputs.map { images[$0] }).count == 1 {
          images[node.name] = images[first]
        } else {
          unsupported.append(node.name)
        }
      }
    }
    return images
  }
}
