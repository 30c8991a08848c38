public import Configurations

/// How a client of a served tail shows who it is, and how long it waits.
///
/// Secrets are named by the files they are in, so that no recipe holds one.
public struct TailAccess: Hashable, Codable, Sendable {
  /// A file whose only line is the bearer token.
  public var tokenFile: String?
  /// A PEM file of whoever signed the server's certificate; the system's authorities if nil.
  public var authority: String?
  /// A PEM file with the client's own certificate, for servers that ask for one.
  public var certificate: String?
  /// The PEM file of that certificate's key.
  public var key: String?
  /// How long one request may take before it is sent again; ``standardDeadline`` unless given.
  public var deadline: TimeSpan?
  /// How long a server that cannot be reached is waited for; ``standardPatience`` unless given.
  public var patience: TimeSpan?

  /// How long one request may take unless something else is said.
  public static let standardDeadline = TimeSpan.seconds(60)
  /// How long a server is waited for unless something else is said.
  public static let standardPatience = TimeSpan.seconds(600)

  /// Creates the access of a client that shows nothing of itself.
  public init() {}

  package enum CodingKeys: String, CodingKey, CaseIterable {
    case authority, certificate, key, deadline, patience
    case tokenFile = "token_file"
  }
}

extension TailAccess: Validatable {
  /// Reports half of a certificate and its key, and a deadline of no time.
  public func validate(_ report: inout ValidationReport) {
    if (certificate == nil) != (key == nil) {
      report.add(
        "expected both certificate and key, or neither",
        at: certificate == nil ? "certificate" : "key")
    }
    if deadline == .zero { report.add("expected a time above zero", at: "deadline") }
  }
}
