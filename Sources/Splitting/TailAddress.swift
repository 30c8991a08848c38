/// Where a tail that somebody else serves is reached: `grpc://host:port`, or `grpcs://` encrypted.
public struct TailAddress: Hashable, Sendable, CustomStringConvertible {
  /// The host's name or number, IPv6 without brackets.
  public let host: String
  /// The port.
  public let port: Int
  /// Whether the connection is encrypted with TLS.
  public let isEncrypted: Bool

  /// Whether a text is meant as an address and not as the path of a file.
  public static func isAddress(_ text: String) -> Bool { text.contains("://") }

  /// Reads an address.
  ///
  /// - Throws: ``TailAddressError`` if it is none.
  public init(_ text: String) throws(TailAddressError) {
    let schemes = ["grpc://": false, "grpcs://": true]
    guard let scheme = schemes.first(where: { text.hasPrefix($0.key) }) else {
      throw TailAddressError(text: text)
    }
    guard let (host, port) = Self.hostAndPort(text.dropFirst(scheme.key.count)), port > 0 else {
      throw TailAddressError(text: text)
    }
    self.host = host
    self.port = port
    isEncrypted = scheme.value
  }

  /// The parts of `host:port`, IPv6 numbers in brackets; nil for anything else.
  package static func hostAndPort(_ text: some StringProtocol) -> (host: String, port: Int)? {
    guard let colon = text.lastIndex(of: ":"),
      let port = UInt16(text[text.index(after: colon)...])
    else { return nil }
    let whole = String(text[..<colon])
    let isBracketed = whole.hasPrefix("[") && whole.hasSuffix("]")
    let host = isBracketed ? String(whole.dropFirst().dropLast()) : whole
    let forbidden = isBracketed ? "/[]" : ":/[]"
    guard !host.isEmpty, !host.contains(where: { forbidden.contains($0) }) else { return nil }
    return (host, Int(port))
  }

  /// As it is written.
  public var description: String {
    "\(isEncrypted ? "grpcs" : "grpc")://\(host.contains(":") ? "[\(host)]" : host):\(port)"
  }
}

/// A text that is no address of a tail.
public struct TailAddressError: Error, Equatable, CustomStringConvertible {
  let text: String

  /// What was found and what was expected.
  public var description: String {
    "'\(text)' is no address of a tail: expected grpc://host:port, or grpcs://host:port with TLS"
  }
}
