internal import Files
internal import Foundation
public import Tensors

/// Arrays in NumPy's file format, versions 1 to 3: float32 and float64, in C order.
///
/// Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html.
public enum NumPyFile {
  private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// Reads a tensor; float64 is rounded to float32.
  ///
  /// - Throws: ``NumPyError``.
  public static func read(_ path: String) throws(NumPyError) -> Tensor<Float> {
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try WholeFile.read(path)
    } catch { throw NumPyError(path: path, reason: error.reason) }
    return try tensor(bytes, path: path)
  }

  /// The tensor a file's bytes hold.
  ///
  /// - Throws: ``NumPyError``.
  package static func tensor(
    _ bytes: [UInt8], path: String
  ) throws(NumPyError) -> Tensor<Float> {
    func fail(_ reason: String) -> NumPyError { NumPyError(path: path, reason: reason) }
    guard bytes.starts(with: magic), bytes.count >= 10 else {
      throw fail("it does not begin as a .npy file does")
    }
    let isLong = bytes[6] > 1
    guard (1...3).contains(bytes[6]), bytes.count >= (isLong ? 12 : 10) else {
      throw fail("it is of version \(bytes[6]), expected 1 to 3")
    }
    let start = isLong ? 12 : 10
    let length = (8..<start).reversed().reduce(0) { $0 << 8 | Int(bytes[$1]) }
    guard length <= bytes.count - start else { throw fail("its header ends early") }
    let header = String(decoding: bytes[start..<start + length], as: UTF8.self)
    func value(_ key: String) -> Substring? {
      header.range(of: "'\(key)':").map {
        header[$0.upperBound...].drop { $0 == " " }
      }
    }
    guard let type = value("descr")?.dropFirst().prefix(while: { $0 != "'" }),
      let order = value("fortran_order"), let shape = value("shape"), shape.first == "("
    else { throw fail("its header does not give type, order and shape") }
    guard type == "<f4" || type == "<f8" else {
      throw fail("its values are \(type), expected <f4 (float32) or <f8 (float64)")
    }
    guard order.hasPrefix("False") else {
      throw fail("it is in Fortran's order; save it after numpy.ascontiguousarray")
    }
    let parts = shape.dropFirst().prefix { $0 != ")" }.split(separator: ",")
      .map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    let extents = parts.compactMap { Int($0) }
    let size = type == "<f4" ? 4 : 8
    var count = 1
    for extent in extents {
      let (product, overflows) = count.multipliedReportingOverflow(by: extent)
      guard extent >= 0, !overflows, product <= bytes.count else {
        throw fail("it has fewer values than its shape (\(parts.joined(separator: ", ")))")
      }
      count = product
    }
    guard extents.count == parts.count, bytes.count - start - length == count * size else {
      throw fail(
        "it has \(bytes.count - start - length) bytes of values, expected \(count * size)")
    }
    return Tensor(Shape(extents)) { target in
      bytes.withUnsafeBytes { source in
        for index in 0..<count {
          let offset = start + length + index * size
          let value =
            size == 4
            ? Float(
              bitPattern: UInt32(
                littleEndian: source.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
            : Float(
              Double(
                bitPattern: UInt64(
                  littleEndian: source.loadUnaligned(fromByteOffset: offset, as: UInt64.self))))
          target.initializeElement(at: index, to: value)
        }
      }
    }
  }

  /// Writes a tensor, whole or not at all.
  ///
  /// - Throws: ``NumPyError``.
  public static func write(_ tensor: Tensor<Float>, to path: String) throws(NumPyError) {
    do {
      try AtomicFile.write(bytes(of: tensor), to: path)
    } catch {
      throw NumPyError(path: path, reason: "it cannot be written: \(error.reason)")
    }
  }

  /// A file's bytes.
  package static func bytes(of tensor: Tensor<Float>) -> [UInt8] {
    let extents = tensor.shape.dimensions.map { "\($0)," }.joined(separator: " ")
    var header = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(extents)), }"
    // Values begin at a multiple of 64.
    header += String(repeating: " ", count: 63 - (magic.count + 4 + header.utf8.count) % 64) + "\n"
    var writer = ByteWriter()
    writer.write(magic)
    writer.write([1, 0])
    writer.write(fixed: UInt16(header.utf8.count))
    writer.write(header.utf8)
    for value in tensor.scalars { writer.write(value) }
    return writer.bytes
  }
}

/// An array file that cannot be used.
public struct NumPyError: Error, Equatable, CustomStringConvertible {
  /// The file.
  public let path: String
  /// What is wrong.
  public let reason: String

  /// Both.
  public var description: String { "\(path): \(reason)" }
}
