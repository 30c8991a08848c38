/// Checks the description of an element type before the library decodes it.
struct TypeCheck {
  let file: RawFile

  /// Checks a description and passes over it; returns the bytes of an element.
  func check(_ body: inout RawBytes, depth: Int = 0) throws(HDF5Error) -> Int {
    guard depth < 16 else { throw file.damaged("types nested over 16 deep") }
    let head = try body.byte()
    let version = Int(head >> 4)
    let bits = Int(try body.number(3))
    let size = Int(try body.number(4))
    guard (1...4).contains(version), size > 0 else {
      throw file.damaged("an element type of \(size) bytes in version \(version)")
    }
    switch head & 15 {
    case 0, 4: try checkBits(&body, size)
    case 1: try checkFloat(&body, size, bits)
    case 2: try body.skip(2)
    case 3, 7: break
    case 5: try body.skip(bits & 0xFF)
    case 6:
      guard bits & 0xFFFF > 0 else { throw file.damaged("a compound type of no members") }
      for _ in 0..<bits & 0xFFFF { try checkMember(&body, version, size, depth) }
    case 8:
      let base = try check(&body, depth: depth + 1)
      guard base == size else { throw file.damaged("an enumeration wider than its values") }
      for _ in 0..<bits & 0xFFFF { try skipName(&body, isPadded: version < 3) }
      try body.skip((bits & 0xFFFF) * base)
    case 9: _ = try check(&body, depth: depth + 1)
    case 10: try checkArray(&body, version, size, depth)
    default: throw file.damaged("an element type of unknown class \(head & 15)")
    }
    return size
  }

  private func checkBits(_ body: inout RawBytes, _ size: Int) throws(HDF5Error) {
    let offset = Int(try body.number(2))
    let precision = Int(try body.number(2))
    guard precision > 0, offset + precision <= size * 8 else {
      throw file.damaged("\(precision) bits at bit \(offset) of \(size) bytes")
    }
  }

  private func checkFloat(_ body: inout RawBytes, _ size: Int, _ bits: Int) throws(HDF5Error) {
    try checkBits(&body, size)
    let exponent = (at: Int(try body.byte()), count: Int(try body.byte()))
    let mantissa = (at: Int(try body.byte()), count: Int(try body.byte()))
    try body.skip(4)
    guard (bits >> 8) & 0xFF < size * 8, exponent.count > 0, mantissa.count > 0,
      exponent.at + exponent.count <= size * 8, mantissa.at + mantissa.count <= size * 8
    else { throw file.damaged("a floating-point type with parts outside its \(size) bytes") }
  }

  private func checkMember(
    _ body: inout RawBytes, _ version: Int, _ size: Int, _ depth: Int
  ) throws(HDF5Error) {
    try skipName(&body, isPadded: version < 3)
    let width = version < 3 ? 4 : size < 1 << 8 ? 1 : size < 1 << 16 ? 2 : size < 1 << 24 ? 3 : 4
    let offset = Int(try body.number(width))
    var count = 1
    if version == 1 {
      let rank = try body.byte()
      guard rank <= 4 else { throw file.damaged("a member of \(rank) extents") }
      try body.skip(11)
      for axis in 0..<4 {
        let extent = Int(try body.number(4))
        if axis < rank { count = count.multipliedReportingOverflow(by: extent).partialValue }
      }
    }
    let member = try check(&body, depth: depth + 1)
    let (bytes, overflow) = member.multipliedReportingOverflow(by: count)
    guard !overflow, bytes > 0, bytes <= size - offset else {
      throw file.damaged("a member outside its compound of \(size) bytes")
    }
  }

  private func checkArray(
    _ body: inout RawBytes, _ version: Int, _ size: Int, _ depth: Int
  ) throws(HDF5Error) {
    let rank = Int(try body.byte())
    guard version > 1, rank <= 32 else { throw file.damaged("an array type of \(rank) extents") }
    if version == 2 { try body.skip(3) }
    var count = 1.0
    for _ in 0..<rank { count *= Double(try body.number(4)) }
    if version == 2 { try body.skip(4 * rank) }
    let element = try check(&body, depth: depth + 1)
    guard count * Double(element) == Double(size) else {
      throw file.damaged("an array type that is not as large as its elements")
    }
  }

  /// Passes over a name and the zero at its end, up to a multiple of eight bytes.
  private func skipName(_ body: inout RawBytes, isPadded: Bool) throws(HDF5Error) {
    guard let end = body.rest.firstIndex(of: 0) else {
      throw file.damaged("a name without an end")
    }
    let count = end - body.rest.startIndex + 1
    try body.skip(isPadded ? (count + 7) / 8 * 8 : count)
  }
}
