package import Configurations

extension TailAccess: DescribedNode {
  package static let summary = "How the server of a tail is asked, and who asks."

  package static func describe(_ key: CodingKeys) -> KeyDescription<TailAccess> {
    switch key {
    case .tokenFile: .init(absent: "no token", "A file whose only line is the bearer token.")
    case .authority:
      .init(
        absent: "the system's authorities",
        "A PEM file with the certificate of whoever signed the server's.")
    case .certificate:
      .init(absent: "none is shown", "A PEM file with the client's own certificate.")
    case .key: .init(absent: "none", "The PEM file with the key of that certificate.")
    case .deadline:
      .init(
        absent: "\(standardDeadline)",
        "How long one request may take before it is sent again.")
    case .patience:
      .init(
        absent: "\(standardPatience)",
        "How long a server that cannot be reached is waited for.")
    }
  }
}
