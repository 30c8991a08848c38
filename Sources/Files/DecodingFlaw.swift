package import Foundation

/// What is wrong with a text of JSON, and where, in words for people.
package enum DecodingFlaw {
  /// The place and the flaw that an error of decoding names: `images[3].id: expected …`.
  ///
  /// - Parameter data: the text that was decoded; with it, a flaw of the syntax has its line and
  ///   column.
  package static func words(_ error: any Error, in data: Data? = nil) -> String {
    guard let error = error as? DecodingError else { return SystemReason.of(error) }
    let (context, detail) = parts(of: error)
    let place = place(context.codingPath)
    if place.isEmpty, case .dataCorrupted = error, let data, let flaw = syntaxFlaw(in: data) {
      return flaw
    }
    return place.isEmpty ? detail : "\(place): \(detail)"
  }

  /// A path of keys as people write it: `images[3].id`; empty for the whole.
  package static func place(_ path: [any CodingKey]) -> String {
    path.reduce(into: "") { text, key in
      text += key.intValue.map { "[\($0)]" } ?? (text.isEmpty ? "" : ".") + key.stringValue
    }
  }

  private static func parts(
    of error: DecodingError
  ) -> (context: DecodingError.Context, detail: String) {
    switch error {
    case .typeMismatch(_, let context), .valueNotFound(_, let context),
      .dataCorrupted(let context):
      (context, context.debugDescription)
    case .keyNotFound(let key, let context): (context, "'\(key.stringValue)' is missing")
    @unknown default:
      (DecodingError.Context(codingPath: [], debugDescription: ""), "it is of another kind")
    }
  }

  /// What is wrong with text that is no JSON, and where.
  ///
  /// The decoder does not say where, but the parser does, counting bytes.
  package static func syntaxFlaw(in data: Data) -> String? {
    do {
      _ = try JSONSerialization.jsonObject(with: data, options: .fragmentsAllowed)
      return nil
    } catch {
      guard let reason = (error as NSError).userInfo["NSDebugDescription"] as? String else {
        return "it is no JSON"
      }
      let unexpectedEnd = reason.contains("end of file")
      let digits = reason.reversed().drop { !$0.isNumber }.prefix { $0.isNumber }
      guard
        let offset = unexpectedEnd
          ? data.count : reason.contains("character") ? Int(String(digits.reversed())) : nil
      else { return reason }
      let before = data.prefix(offset)
      let line = before.count { $0 == UInt8(ascii: "\n") } + 1
      let column = before.reversed().prefix { $0 != UInt8(ascii: "\n") }.count + 1
      return "line \(line), column \(column): \(reason)"
    }
  }
}
