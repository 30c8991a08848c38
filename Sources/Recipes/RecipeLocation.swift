/// Where something in a recipe was written.
public enum RecipeLocation: Hashable, Sendable {
  /// The file as a whole.
  case file(String)
  /// A place in the file; lines and columns count from 1, columns in Unicode scalars.
  case position(file: String, line: Int, column: Int)
  /// The n-th override on the command line, with its argument as it was typed.
  case override(index: Int, argument: String)

  /// Whether this is written before another location: the file first, then the overrides.
  func precedes(_ other: RecipeLocation) -> Bool { order.lexicographicallyPrecedes(other.order) }

  private var order: [Int] {
    switch self {
    case .file: [0]
    case .position(_, let line, let column): [1, line, column]
    case .override(let index, _): [2, index]
    }
  }
}

extension RecipeLocation: CustomStringConvertible {
  /// `file`, `file:line:column`, or `--set path=value`.
  public var description: String {
    switch self {
    case .file(let name): name
    case .position(let file, let line, let column): "\(file):\(line):\(column)"
    case .override(_, let argument): "--set \(abbreviated(argument, to: 80))"
    }
  }
}

/// A text on one line and at most so many characters long, with `…` for what is left out.
func abbreviated(_ text: String, to limit: Int) -> String {
  var result = ""
  for (index, scalar) in text.unicodeScalars.enumerated() {
    if index == limit { return result + "…" }
    // Control characters would let a recipe write to the reader's terminal.
    if scalar.properties.generalCategory == .control {
      result += scalar == "\n" ? "⏎" : "�"
    } else {
      result.unicodeScalars.append(scalar)
    }
  }
  return result
}
