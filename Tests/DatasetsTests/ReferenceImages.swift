import Datasets
import Foundation
import Tensors
import Testing

/// A file and the pixels that another library makes of it, from `Reference/make_decoding.py`.
struct ReferenceFile: Decodable, CustomTestStringConvertible {
  var name: String
  var file: Data
  var height: Int
  var width: Int
  var pixels: Data
  /// How far a pixel may be off.
  var tolerance: Int

  var testDescription: String { name }

  var image: PixelImage {
    PixelImage(height: height, width: width, channels: 3, bytes: [UInt8](pixels))
  }

  static let all = reference("decoding", as: [ReferenceFile].self) ?? []

  static func named(_ name: String) throws -> ReferenceFile {
    try #require(all.first { $0.name == name }, "\(name)")
  }
}

/// Images brought to other sizes by other libraries, from `Reference/make_sizing.py`.
struct ReferenceSizing: Decodable {
  struct Image: Decodable {
    var height: Int
    var width: Int
    var pixels: Data
  }

  struct Case: Decodable, CustomTestStringConvertible {
    var name: String
    var image: Int
    var height: Int
    var width: Int
    var resize: ImageSizing.Fit
    var interpolation: ImageSizing.Interpolation
    var antialias: Bool
    var pixels: Data
    var tolerance: Int

    var testDescription: String { "\(name), image \(image), \(resize), \(interpolation)" }
  }

  var images: [Image]
  var cases: [Case]

  static let all =
    reference("sizing", as: ReferenceSizing.self) ?? ReferenceSizing(images: [], cases: [])
}

private func reference<Value: Decodable>(_ name: String, as _: Value.Type) -> Value? {
  guard
    let url = Bundle.module.url(
      forResource: name, withExtension: "json", subdirectory: "Reference"),
    let data = try? Data(contentsOf: url)
  else { return nil }
  return try? JSONDecoder().decode(Value.self, from: data)
}

/// The largest difference of two images' bytes.
func largestDifference(_ first: some Sequence<UInt8>, _ second: some Sequence<UInt8>) -> Int {
  zip(first, second).map { abs(Int($0) - Int($1)) }.max() ?? 0
}
