extension FixedPointProgram {
  /// The program as one C99 file, which gives the same indices and depends on nothing but
  /// `<stdint.h>` and `<stddef.h>`.
  ///
  /// It declares `NAME_input`, `NAME_encode` and `NAME_pack`, and constants `NAME_HEIGHT`,
  /// `NAME_WIDTH`, `NAME_CHANNELS`, `NAME_ZERO_POINT`, `NAME_INPUT_SCALE` (a text), `NAME_VALUES`,
  /// `NAME_BITS` and `NAME_BYTES`. With `NAME_MAIN` defined, it is a program that reads images from
  /// its standard input and writes their packed indices.
  ///
  /// - Parameter name: what public names begin with, in upper case for constants.
  /// - Throws: ``FixedPointError`` if the name cannot begin an identifier.
  public func c99(name: String) throws(FixedPointError) -> String {
    try CFile.check(name: name)
    return CFile(self, name).text
  }
}
