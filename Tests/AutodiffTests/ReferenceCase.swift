import Autodiff
import Foundation
import Tensors
import Testing

/// What PyTorch computed for one operation; `Reference/make_reference.py` documents the fields.
struct ReferenceCase: Decodable, Sendable, CustomTestStringConvertible {
  let operation: String
  let attributes: [String: ReferenceAttribute]
  let inputs: [ReferenceArray]
  let output: ReferenceArray
  let auxiliary: [ReferenceArray]
  let upstream: ReferenceArray
  let gradients: [ReferenceArray?]

  var testDescription: String {
    "\(operation) \(inputs.map(\.shape)) \(attributes.keys.sorted())"
  }

  func double(_ name: String) throws -> Double { try value(name) { $0.numbers?.first } }
  func int(_ name: String) throws -> Int { Int(try double(name)) }
  func ints(_ name: String) throws -> [Int] { try value(name) { $0.numbers }.map { Int($0) } }
  func bool(_ name: String) throws -> Bool { try value(name) { $0.flag } }
  func string(_ name: String) throws -> String { try value(name) { $0.text } }
  func array(_ name: String) throws -> ReferenceArray { try value(name) { $0.array } }

  private func value<Value>(
    _ name: String, _ read: (ReferenceAttribute) -> Value?
  ) throws -> Value {
    let value = attributes[name].flatMap(read)
    return try #require(value, "\(operation): attribute \(name)")
  }

  /// All cases of the committed file.
  static func all() throws -> [ReferenceCase] {
    struct File: Decodable { let cases: [ReferenceCase] }
    let url = try #require(
      Bundle.module.url(forResource: "reference", withExtension: "json", subdirectory: "Reference"))
    return try JSONDecoder().decode(File.self, from: Data(contentsOf: url)).cases
  }
}

/// A tensor in the committed file.
struct ReferenceArray: Decodable, Sendable {
  let shape: Shape
  let values: [Float]

  var tensor: Tensor<Float> { Tensor(shape, values) }
}

/// An attribute: a number or several, a flag, a word, or a tensor.
struct ReferenceAttribute: Decodable, Sendable {
  var numbers: [Double]?
  var flag: Bool?
  var text: String?
  var array: ReferenceArray?

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let value = try? container.decode(Bool.self) {
      flag = value
    } else if let value = try? container.decode(Double.self) {
      numbers = [value]
    } else if let value = try? container.decode([Double].self) {
      numbers = value
    } else if let value = try? container.decode(String.self) {
      text = value
    } else {
      array = try container.decode(ReferenceArray.self)
    }
  }
}
