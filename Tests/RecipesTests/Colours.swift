import Checkpoints
import Datasets
import Foundation
import Networks
import Tensors

/// A folder of images of one colour each, and networks that know their colours.
final class Colours {
  let path: String
  private static let pixels: [String: [UInt8]] = [
    "red": [255, 0, 0], "green": [0, 255, 0], "blue": [0, 0, 255], "black": [0, 0, 0],
  ]

  init() throws {
    path = NSTemporaryDirectory() + "cleave-colours-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a data set of folders, `count` images of every colour in each part.
  func write(
    _ name: String, _ colours: [String] = ["red", "green", "blue", "black"], count: Int = 4
  ) throws -> String {
    for part in ["train", "test"] {
      for colour in colours {
        let folder = "\(path)/\(name)/\(part)/\(colour)"
        try FileManager.default.createDirectory(
          atPath: folder, withIntermediateDirectories: true)
        let pixel = Colours.pixels[colour] ?? [128, 128, 128]
        let image = PixelImage(
          height: 8, width: 8, channels: 3, bytes: Array((0..<64).map { _ in pixel }.joined()))
        for index in 0..<count { try ImageFile.write(image, to: "\(folder)/\(index).png") }
      }
    }
    return "\(path)/\(name)"
  }

  /// A network whose outputs are colours in some order, and more outputs that answer nothing.
  static func network(_ colours: [String], outputs: Int? = nil) throws -> Network {
    let outputs = outputs ?? colours.count
    var builder = NetworkBuilder(shape: [8, 8, 3])
    var value = builder.add("conv", ConvolutionLayer(3, 3, kernel: 1), after: "input")
    value = builder.add("relu", ActivationLayer(.relu), after: value)
    value = builder.add("pool", GlobalAveragePoolLayer(), after: value)
    value = builder.add("fc", LinearLayer(3, outputs), after: value)
    var network = try builder.network(name: "colours", outputs: [value])
    try network.setParameter("conv.weight", to: Tensor([1, 1, 3, 3], [1, 0, 0, 0, 1, 0, 0, 0, 1]))
    var weights = [Float](repeating: 0, count: 3 * outputs)
    var biases = [Float](repeating: -50, count: outputs)
    for (index, colour) in colours.enumerated() {
      for (channel, value) in (pixels[colour] ?? []).enumerated() {
        weights[channel * outputs + index] = colour == "black" ? 0 : value > 0 ? 10 : -10
      }
      biases[index] = colour == "black" ? 1 : 0
    }
    try network.setParameter("fc.weight", to: Tensor([3, outputs], weights))
    try network.setParameter("fc.bias", to: Tensor([outputs], biases))
    return network
  }

  /// Writes such a network; its names are left out if `isNamed` is false.
  func write(
    _ file: String, _ network: Network, names: [String]?
  ) throws -> String {
    try Checkpoint(
      network: network, inputTransform: InputTransform(scale: 255), classNames: names
    ).write(to: "\(path)/\(file)")
    return "\(path)/\(file)"
  }
}
