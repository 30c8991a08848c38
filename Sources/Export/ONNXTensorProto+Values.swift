internal import Foundation
package import ONNXSchema
package import Tensors

extension ONNXTensorProto {
  /// Creates a constant of numbers.
  package init(_ name: String, _ value: Tensor<Float>) {
    self.init(name, .float, value.shape.dimensions)
    rawData = value.withUnsafeBufferPointer { scalars in
      bytes(of: scalars.lazy.map { $0.bitPattern })
    }
  }

  /// Creates a constant of integers, of ONNX's type for theirs.
  package init<Element: ONNXInteger>(_ name: String, integers: [Element], shape: [Int]) {
    self.init(name, Element.onnxType, shape)
    rawData = bytes(of: integers)
  }

  private init(_ name: String, _ type: DataType, _ shape: [Int]) {
    self.init()
    self.name = name
    dataType = Int32(type.rawValue)
    dims = shape.map(Int64.init)
  }

  /// The extents.
  package var shape: Shape { Shape(dims.map(Int.init)) }

  /// The numbers of a constant, or `nil` if it holds integers.
  package var floats: Tensor<Float>? {
    guard dataType == Int32(DataType.float.rawValue) else { return nil }
    let scalars: [UInt32] = decoded(rawData)
    return Tensor(shape, scalars.map { Float(bitPattern: $0) })
  }

  /// The integers of a constant, or `nil` if it is of another type.
  package func integers<Element: ONNXInteger>(_ type: Element.Type) -> [Element]? {
    dataType == Int32(Element.onnxType.rawValue) ? decoded(rawData) : nil
  }
}

/// An integer type of which ONNX has constants.
package protocol ONNXInteger: FixedWidthInteger {
  /// What ONNX calls it.
  static var onnxType: ONNXTensorProto.DataType { get }
}

extension UInt8: ONNXInteger {
  package static var onnxType: ONNXTensorProto.DataType { .uint8 }
}

extension Int8: ONNXInteger {
  package static var onnxType: ONNXTensorProto.DataType { .int8 }
}

extension Int32: ONNXInteger {
  package static var onnxType: ONNXTensorProto.DataType { .int32 }
}

extension Int64: ONNXInteger {
  package static var onnxType: ONNXTensorProto.DataType { .int64 }
}

/// Integers as little-endian bytes.
private func bytes<Element: FixedWidthInteger>(of integers: some Collection<Element>) -> Data {
  let stored = integers.map(\.littleEndian)
  return stored.withUnsafeBytes { Data($0) }
}

/// Integers from little-endian bytes.
private func decoded<Element: FixedWidthInteger>(_ data: Data) -> [Element] {
  let count = data.count / MemoryLayout<Element>.size
  let stored = [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
    _ = data.copyBytes(to: UnsafeMutableRawBufferPointer(buffer))
    initialized = count
  }
  return stored.map(Element.init(littleEndian:))
}
