/// A function of the C file.
package struct CFunction {
  package let name: String
  package let source: String
}

/// A 32-bit number of a step's structure in C.
package struct CField {
  package let name: String
  package let value: Int

  package init(_ name: String, _ value: Int) {
    self.name = name
    self.value = value
  }
}

/// A constant array of the C file.
package struct CTable {
  /// The type of its numbers.
  package enum Element {
    case int8, uint8, uint16, int32, int64, uint64

    package var c: String { "\(self)_t" }

    package var bytes: Int {
      switch self {
      case .int8, .uint8: 1
      case .uint16: 2
      case .int32: 4
      case .int64, .uint64: 8
      }
    }

    package func literal(_ number: Int64) -> String {
      switch self {
      case .int64: "INT64_C(\(number))"
      case .uint64: "UINT64_C(\(number))"
      default: "\(number)"
      }
    }
  }

  package let name: String
  package let element: Element
  package let count: Int
  /// Its numbers, which are only needed when they are written.
  package let numbers: () -> [Int64]

  package init<Number: FixedWidthInteger>(_ name: String, _ element: Element, _ numbers: [Number]) {
    self.init(name, element, numbers.count) { numbers.map { Int64($0) } }
  }

  package init(_ name: String, _ element: Element, _ count: Int, _ numbers: @escaping () -> [Int64])
  {
    self.name = name
    self.element = element
    self.count = count
    self.numbers = numbers
  }

  package var bytes: Int { count * element.bytes }
}

/// What a step is in the C file: a call of a kernel with a structure of numbers and some tables.
///
/// Structures hold 32-bit numbers only and no pointers, so that they are of the same size on every
/// machine.
package struct CStep {
  /// The tag of the structure.
  package let structure: String
  package let fields: [CField]
  package let tables: [CTable]
  package let kernel: CFunction
  /// The functions that the kernel calls.
  package let helpers: [CFunction]

  package var bytes: Int { 4 * fields.count + tables.reduce(0) { $0 + $1.bytes } }
}
