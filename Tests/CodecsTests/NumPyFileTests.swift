import Codecs
import Foundation
import Tensors
import Testing

@Suite struct NumPyFileTests {
  /// Bytes as `numpy.save` of NumPy 2.2 writes them: a header padded to 64 bytes, then the values.
  static func file(_ header: String, values: [UInt8]) -> [UInt8] {
    let padded = header + String(repeating: " ", count: 117 - header.utf8.count) + "\n"
    return [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + Array(padded.utf8) + values
  }

  @Test func whatNumPyWritesIsRead() throws {
    // 1 and −2 in float32, then in float64.
    let single: [UInt8] = [0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0]
    let double: [UInt8] = [0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 0, 0, 0, 0, 0, 0, 0, 0xC0]
    for (type, values) in [("<f4", single), ("<f8", double)] {
      let bytes = Self.file(
        "{'descr': '\(type)', 'fortran_order': False, 'shape': (2, 1), }", values: values)
      #expect(try NumPyFile.tensor(bytes, path: "x.npy") == Tensor([2, 1], [1, -2]))
    }
    let scalar = Self.file(
      "{'descr': '<f4', 'fortran_order': False, 'shape': (), }", values: [0, 0, 0x80, 0x3F])
    #expect(try NumPyFile.tensor(scalar, path: "x.npy") == Tensor(1))
  }

  @Test func whatIsWrittenIsReadAgain() throws {
    for shape: Shape in [[], [5], [2, 3, 4], [0, 3]] {
      let tensor = Tensor<Float>(shape, (0..<shape.elementCount).map { Float($0) - 1.5 })
      let bytes = NumPyFile.bytes(of: tensor)
      #expect((bytes.count - 4 * tensor.count) % 64 == 0)
      #expect(try NumPyFile.tensor(bytes, path: "x.npy") == tensor)
    }
  }

  @Test(arguments: [
    ("{'descr': '<i4', 'fortran_order': False, 'shape': (2,), }", "its values are <i4"),
    ("{'descr': '<f4', 'fortran_order': True, 'shape': (2,), }", "Fortran's order"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }", "8 bytes of values, expected 12"),
    (
      "{'descr': '<f4', 'fortran_order': False, 'shape': (4000000000, 4000000000, 4000000000), }",
      "fewer values than its shape"
    ),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (-2,), }", "fewer values than its shape"),
    ("{'descr': '<f4', 'shape': (2,), }", "does not give type, order and shape"),
    ("{'descr': '|O', 'fortran_order': False, 'shape': (2,), }", "its values are |O"),
    ("", "does not give type, order and shape"),
  ])
  func otherFilesAreRefused(header: String, words: String) {
    let bytes = Self.file(header, values: [0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0])
    let error = #expect(throws: NumPyError.self) { try NumPyFile.tensor(bytes, path: "x.npy") }
    #expect(error?.description.hasPrefix("x.npy: ") == true)
    #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
  }

  @Test func everyTruncationIsRefused() {
    let bytes = NumPyFile.bytes(of: Tensor<Float>([2, 2], [1, 2, 3, 4]))
    for length in 0..<bytes.count {
      #expect(throws: NumPyError.self) {
        try NumPyFile.tensor(Array(bytes.prefix(length)), path: "x.npy")
      }
    }
  }
}
