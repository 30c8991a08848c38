import Checkpoints
import HDF5
import Networks
import Tensors

/// A network with every kind of parameter whose axes PyTorch orders otherwise, and a linear layer
/// and a batch norm behind a flattened image.
func smallNetwork(seed: UInt64 = 5) throws -> Network {
  var builder = NetworkBuilder(shape: [4, 3, 2])
  var value = builder.add(
    "stem.conv",
    ConvolutionLayer(2, 4, kernel: Extent2D(height: 3, width: 1), padding: .same, groups: 2),
    after: "input")
  value = builder.add("stem.bn", BatchNormalizationLayer(4), after: value)
  value = builder.add("stem.act", PReLULayer(4), after: value)
  value = builder.add(
    "up", TransposedConvolutionLayer(4, 3, kernel: Extent2D(height: 2, width: 3)), after: value)
  value = builder.add("flatten", FlattenLayer(), after: value)
  value = builder.add("bn", BatchNormalizationLayer(5 * 5 * 3), after: value)
  value = builder.add("relu", ActivationLayer(.relu), after: value)
  value = builder.add("head.fc1", LinearLayer(5 * 5 * 3, 6), after: value)
  value = builder.add("head.fc2", LinearLayer(6, 3, hasBias: false), after: value)
  var network = try builder.network(name: "small", outputs: [value])
  var random = RandomSource(seed: seed)
  for path in network.parameterPaths {
    let shape = network.parameters[path]?.shape ?? []
    try network.setParameter(path, to: random.uniform(shape, in: 0.1...2))
  }
  return network
}

/// A checkpoint that has everything one can have.
func fullCheckpoint() throws -> Checkpoint {
  Checkpoint(
    network: try smallNetwork(),
    inputTransform: try InputTransform(scale: 255, mean: [0.5, 0.4], std: [0.2, 0.3]),
    classNames: ["cat", "dög", "a/b"],
    provenance: Provenance(
      recipe: "method: none\n", seed: .max, toolkitVersion: "1.2", dataset: "shapes",
      figures: ["accuracy": 0.875, "topTwo": .infinity], parents: ["base.h5"]),
    tensors: [
      "optimizer/stem.conv.weight/0": Tensor([2, 2], [1, -2, .infinity, 4]),
      "step": Tensor(7), ".": Tensor([0], []),
    ],
    documents: ["state.json": "{\"epoch\": 3}", "50%/x": "", "notes": "é\n"])
}

/// The error a body throws, `nil` if it throws none.
func thrown(_ body: () throws(CheckpointError) -> Void) -> CheckpointError? {
  do {
    try body()
    return nil
  } catch {
    return error
  }
}

/// The error of reading a file, `nil` if it can be read.
func readError(
  _ path: String, architecture: String? = nil, inputShape: Shape? = nil
) -> CheckpointError? {
  thrown { () throws(CheckpointError) in
    _ = try Checkpoint.read(path, architecture: architecture, inputShape: inputShape)
  }
}

/// The largest difference between two tensors, relative to the largest magnitude.
func relativeDifference(_ left: Tensor<Float>, _ right: Tensor<Float>) -> Float {
  guard left.shape == right.shape else { return .infinity }
  let scale = left.scalars.map(abs).max() ?? 1
  return (zip(left.scalars, right.scalars).map { abs($0 - $1) }.max() ?? 0) / max(scale, 1e-6)
}

/// Where an element stands in a row-major array.
func offset(_ indices: [Int], in shape: [Int]) -> Int {
  zip(indices, shape).reduce(0) { $0 * $1.1 + $1.0 }
}
