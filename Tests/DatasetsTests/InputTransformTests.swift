import Datasets
import Foundation
import Tensors
import Testing

@Suite struct InputTransformTests {
  /// The three-step formula in single precision, which is what PyTorch's float32 tensors compute.
  private func expected(_ pixel: Float, _ mean: Float, _ std: Float) -> Float {
    let scaled = pixel / 255
    let centred = scaled - mean
    return centred / std
  }

  static let mean: [Float] = [0.485, 0.456, 0.406]
  static let std: [Float] = [0.229, 0.224, 0.225]

  @Test func everyByteOfEveryChannelIsExact() throws {
    let transform = try InputTransform(scale: 255, mean: Self.mean, std: Self.std)
    let pixels = (0..<768).map { Float($0 / 3) }
    let transformed = try transform(Tensor<Float>([1, 16, 16, 3], pixels))
    for index in 0..<768 {
      let channel = index % 3
      #expect(
        transformed.scalars[index]
          == expected(pixels[index], Self.mean[channel], Self.std[channel]))
    }
  }

  @Test func theLoaderAppliesTheSameTransform() throws {
    let transform = try InputTransform(scale: 255, mean: [0.5], std: [0.25])
    let dataset = counting(64)
    let plan = try BatchPlan(sampleCount: 64, batchSize: 64, seed: 1, shuffles: false)
    let batch = try BatchLoader(dataset: dataset, plan: plan, transform: transform)
      .batch(epoch: 0, index: 0)
    #expect(batch.images == (try transform(dataset.pixels(at: Array(0..<64)))))
  }

  @Test func theDefaultChangesNothing() throws {
    let pixels = Tensor<Float>([1, 1, 2, 1], [0, 255])
    #expect(try InputTransform()(pixels) == pixels)
    #expect(try JSONDecoder().decode(InputTransform.self, from: Data("{}".utf8)) == .identity)
  }

  @Test func theTransformSurvivesCoding() throws {
    let transform = try InputTransform(scale: 127.5, mean: [1], std: Self.std)
    let data = try JSONEncoder().encode(transform)
    #expect(try JSONDecoder().decode(InputTransform.self, from: data) == transform)
  }

  @Test func impossibleTransformsAreRefused() throws {
    #expect(throws: InputTransformError.self) { try InputTransform(scale: 0) }
    #expect(throws: InputTransformError.self) { try InputTransform(scale: .nan) }
    #expect(throws: InputTransformError.self) { try InputTransform(std: [1, 0, 1]) }
    #expect(throws: InputTransformError.self) { try InputTransform(mean: []) }
    #expect(throws: InputTransformError.self) { try InputTransform(mean: [1, 2], std: [1, 2, 3]) }
    let colour = try InputTransform(mean: Self.mean, std: Self.std)
    #expect(throws: InputTransformError.self) { try colour.validate(channels: 1) }
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(InputTransform.self, from: Data(#"{"scale": -1}"#.utf8))
    }
  }
}
