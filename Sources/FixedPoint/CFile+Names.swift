extension CFile {
  /// Words that C keeps for itself, up to C23, in lower case.
  private static let keywords: Set<String> = [
    "alignas", "alignof", "auto", "bool", "break", "case", "char", "const", "constexpr",
    "continue", "default", "do", "double", "else", "enum", "extern", "false", "float", "for",
    "goto", "if", "inline", "int", "long", "nullptr", "register", "restrict", "return", "short",
    "signed", "sizeof", "static", "static_assert", "struct", "switch", "thread_local", "true",
    "typedef", "typeof", "typeof_unqual", "union", "unsigned", "void", "volatile", "while",
  ]

  /// Words whose constants, such as `INT8_WIDTH`, the standard headers define.
  private static let headers: Set<String> = Set(
    ["ptrdiff", "size", "wchar", "wint", "sig_atomic", "intmax", "uintmax", "intptr", "uintptr"]
      + ["", "u"].flatMap { sign in
        ["", "_least", "_fast"].flatMap { kind in
          [8, 16, 32, 64].map { "\(sign)int\(kind)\($0)" }
        }
      })

  /// Requires that a name may begin public identifiers of C, also in upper case.
  static func check(name: String) throws(FixedPointError) {
    let letters = name.unicodeScalars.allSatisfy {
      $0.isASCII && ($0.properties.isAlphabetic || ("0"..."9").contains($0) || $0 == "_")
    }
    let begins = name.unicodeScalars.first.map { $0.properties.isAlphabetic } ?? false
    guard letters, begins, name.utf8.count <= 40 else {
      throw .name(
        name, expected: "at most 40 ASCII letters, digits and underscores, a letter first")
    }
    let lower = name.lowercased()
    guard !keywords.contains(lower), !headers.contains(lower) else {
      throw .name(name, expected: "no keyword of C and no word of its headers")
    }
  }
}
