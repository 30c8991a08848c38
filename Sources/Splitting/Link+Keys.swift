package import Configurations

extension Link: DescribedNode {
  package static let summary = "The network between device and server."

  package static func describe(_ key: CodingKeys) -> KeyDescription<Link> {
    switch key {
    case .rate: .init(\.rate, "The rate from the device to the server.")
    case .downlinkRate:
      .init(absent: "as rate", "The rate from the server to the device.")
    case .roundTripTime:
      .init(\.roundTripTime, "The time there and back for a message of no size.")
    case .transport: .init(\.transport, "The protocol whose headers are sent with the bytes.")
    case .loss:
      .init(
        \.loss, unit: "fraction",
        "The probability that an element, or the packet it is in, is lost.")
    case .packetSize:
      .init(
        absent: "elements are lost one by one", "The size of the packets that are lost as a whole.")
    case .noise:
      .init(\.noise, "The standard deviation of the Gaussian noise added to each element.")
    case .noisePlacement: .init(\.noisePlacement, "Where on the device the noise is added.")
    case .deviceSlowdown:
      .init(
        \.deviceSlowdown, unit: "factor",
        "How many times slower the device is than the machine that measures.")
    case .serverSpeedup:
      .init(
        \.serverSpeedup, unit: "factor",
        "How many times faster the server is than the machine that measures.")
    }
  }
}
