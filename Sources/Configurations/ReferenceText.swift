/// Values as recipes write them.
package enum ReferenceText {
  /// The text of a value; nil for an absent one.
  package static func of(_ value: Any) -> String? {
    switch value {
    case let optional as any AbsentOrNot: return optional.present.flatMap(of)
    case let text as String: return quoted(text)
    case let truth as Bool: return "\(truth)"
    case let number as Double: return short(number, "\(number)")
    case let number as Float: return short(Double(number), "\(number)")
    case let choice as any RawRepresentable: return of(choice.rawValue)
    case let list as [Any]: return "[\(list.compactMap(of).joined(separator: ", "))]"
    default: return "\(value)"
    }
  }

  /// A number without the decimals of a whole one.
  private static func short(_ number: Double, _ text: String) -> String {
    Int(exactly: number).map { "\($0)" } ?? text
  }

  private static func quoted(_ text: String) -> String {
    let isPlain =
      text.first?.isLetter ?? false
      && text.allSatisfy { $0.isLetter || $0.isNumber || "_-./ %".contains($0) }
    return isPlain ? text : "\"\(text)\""
  }
}

/// An optional of any type.
private protocol AbsentOrNot {
  var present: Any? { get }
}

extension Optional: AbsentOrNot {
  fileprivate var present: Any? { self }
}
