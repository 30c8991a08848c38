internal import Foundation
package import ONNXSchema

/// The value of an operator's attribute.
package enum ONNXAttribute: Equatable, Sendable {
  case int(Int)
  case float(Double)
  case string(String)
  case ints([Int])
}

extension ONNXNodeProto {
  /// Creates an operator with one output.
  package init(
    _ operation: String, _ inputs: [String], output: String,
    _ attributes: KeyValuePairs<String, ONNXAttribute> = [:]
  ) {
    self.init()
    opType = operation
    input = inputs
    self.output = [output]
    attribute = attributes.map { ONNXAttributeProto($0, $1) }
  }

  /// The value of an attribute that is a list of integers.
  package func ints(_ name: String) -> [Int]? {
    attribute.first { $0.name == name }.map { $0.ints.map(Int.init) }
  }

  /// The value of an attribute that is an integer.
  package func int(_ name: String) -> Int? {
    attribute.first { $0.name == name }.map { Int($0.i) }
  }
}

extension ONNXAttributeProto {
  fileprivate init(_ name: String, _ value: ONNXAttribute) {
    self.init()
    self.name = name
    switch value {
    case .int(let integer):
      type = .int
      i = Int64(integer)
    case .float(let number):
      type = .float
      f = Float(number)
    case .string(let text):
      type = .string
      s = Data(text.utf8)
    case .ints(let integers):
      type = .ints
      ints = integers.map(Int64.init)
    }
  }
}
