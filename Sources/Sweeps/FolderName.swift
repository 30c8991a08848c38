/// Texts as parts of the names of folders.
enum FolderName {
  private static let most = 80

  /// The text with `_` for what is not a letter, a digit or one of `-_.+=`.
  static func of(_ text: String) -> String {
    String(
      text.prefix(most).map { character in
        character.isASCII && (character.isLetter || character.isNumber)
          || "-_.+=".contains(character) ? character : "_"
      })
  }
}
