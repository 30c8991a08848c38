import Networks
import Tensors

/// Ten kinds of noisy stripes, and a network that tells them apart without training.
enum Patterns {
  /// Images `[count, 32, 32, 3]`, one of each kind in turn.
  static func images(_ count: Int, seed: UInt64) -> Tensor<Float> {
    var random = RandomSource(seed: seed)
    return Tensor([count, 32, 32, 3]) { buffer in
      for index in 0..<count {
        let kind = Double(index % 10)
        for pixel in 0..<1024 {
          let (row, column) = (Double(pixel / 32), Double(pixel % 32))
          let wave = (row * (kind - 4) + column * (5 - kind / 2)) / 12
          for channel in 0..<3 {
            let value = wave.truncatingRemainder(dividingBy: 1) * (1 + Double(channel)) / 2
            buffer.initializeElement(
              at: (index * 1024 + pixel) * 3 + channel,
              to: Float(value + 0.1 * random.normal()))
          }
        }
      }
    }
  }

  /// A residual network of random weights whose last layer prefers the kind with the nearest mean
  /// feature: `|f − c − m|²` is least where `m · f − m · (m / 2 + c)` is largest, with the mean `c`
  /// of all features and the difference `m` of a kind's mean from it.
  static func classifier() throws -> Network {
    var network = try SampleNetworks.resnet()
    let samples = images(100, seed: 11)
    let features = try network.cut(at: "avgpool").head.predict(samples)
    let count = features.shape[1]
    var means = [[Double]](repeating: [Double](repeating: 0, count: count), count: 10)
    for (index, value) in features.scalars.enumerated() {
      means[index / count % 10][index % count] += Double(value) / 10
    }
    // What all kinds share would only blur the differences.
    let centre = (0..<count).map { feature in means.reduce(0) { $0 + $1[feature] } / 10 }
    for kind in means.indices { means[kind] = zip(means[kind], centre).map { $0 - $1 } }
    let weight = (0..<count).flatMap { feature in means.map { Float($0[feature]) } }
    let bias = means.map { mean in
      Float(-zip(mean, centre).reduce(0) { $0 + $1.0 * ($1.0 / 2 + $1.1) })
    }
    try network.setParameters([
      "linear.weight": Tensor([count, 10], weight), "linear.bias": Tensor([10], bias),
    ])
    return network
  }

  /// The share of rows of logits, for images as ``images(_:seed:)`` orders them, that are right.
  static func accuracy(_ logits: Tensor<Float>) -> Double {
    let rows = logits.shape[0]
    let scalars = logits.scalars
    let right = (0..<rows).filter { row in
      let scores = scalars[row * 10..<row * 10 + 10]
      return scores.max() == scores[row * 10 + row % 10]
    }
    return Double(right.count) / Double(rows)
  }
}
