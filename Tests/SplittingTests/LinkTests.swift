import Foundation
import Splitting
import Testing

@Suite struct LinkTests {
  @Test func latencyIsTheSumOfItsParts() throws {
    let link = try Link(
      rate: DataRate(parsing: "8 Mbit/s"), downlinkRate: DataRate(parsing: "80 Mbit/s"),
      roundTripTime: .milliseconds(20))
    let latency = LatencyModel(link: link).latency(
      device: .milliseconds(5), uplinkBytes: 32_768, downlinkBytes: 400, server: .milliseconds(2))
    // Up 8 · 32768 / 8e6 = 32.768 ms, down 8 · 400 / 80e6 = 0.04 ms; with 5 + 20 + 2 that is
    // 59.808 ms, of which 20 + 2 + 0.04 are spent waiting.
    #expect(abs(latency.uplink.milliseconds - 32.768) < 1e-9)
    #expect(abs(latency.downlink.milliseconds - 0.04) < 1e-9)
    #expect(latency.roundTrip == .milliseconds(20))
    #expect(abs(latency.total.milliseconds - 59.808) < 1e-9)
    #expect(abs(latency.waiting.milliseconds - 22.04) < 1e-9)
  }

  @Test func aTransportAddsItsHeadersToEveryPacket() throws {
    // 10,000 B are seven packets of up to 1,448 B with 52 B before each: 10,364 B, 8.2912 ms at
    // 10 Mbit/s; the answer of 1,448 B is one packet of 1,500 B, 1.2 ms.
    let plain = try Link()
    let tcp = try Link(transport: .tcp)
    let latency = LatencyModel(link: tcp).latency(
      device: .zero, uplinkBytes: 10_000, downlinkBytes: 1448, server: .zero)
    #expect(abs(latency.uplink.milliseconds - 8.2912) < 1e-9)
    #expect(abs(latency.downlink.milliseconds - 1.2) < 1e-9)
    #expect(abs(plain.uplinkTime(for: 10_000).milliseconds - 8) < 1e-9)
    #expect(tcp.uplinkTime(for: 0) == .zero)
    let read = try JSONDecoder().decode(Link.self, from: JSONEncoder().encode(tcp))
    #expect(read == tcp)
    #expect(read != plain)
  }

  @Test func energyIsPowerTimesTimeByActivity() throws {
    let latency = Latency(
      device: .milliseconds(5), uplink: .milliseconds(30), downlink: .milliseconds(4),
      roundTrip: .milliseconds(20), server: .milliseconds(6))
    let model = EnergyModel(
      computePower: .watts(3), transmitPower: .watts(1.5), idlePower: .watts(0.1))
    // 3 · 5 + 1.5 · 30 + 0.1 · (20 + 6 + 4) = 15 + 45 + 3 = 63 mJ.
    #expect(abs(model.energy(of: latency).joules - 0.063) < 1e-12)
    #expect(model.energy(of: Latency(device: .milliseconds(5))).description == "15 mJ")
  }

  @Test(arguments: [
    (#"{"loss": -0.1}"#, "expected a loss from 0 to 1, found -0.1"),
    (#"{"loss": 1.1}"#, "expected a loss from 0 to 1, found 1.1"),
    (#"{"noise": -1}"#, "expected a finite standard deviation of 0 or more, found -1.0"),
    (#"{"packet_size": "3 B"}"#, "expected packets of at least 4 B, found 3 B"),
    (#"{"rate": "-1 bit/s"}"#, "'-1 bit/s' is out of range: expected a rate above zero"),
  ])
  func impossibleLinksAreRefused(json: String, expected: String) throws {
    do {
      _ = try JSONDecoder().decode(Link.self, from: Data(json.utf8))
      Issue.record("accepted")
    } catch DecodingError.dataCorrupted(let context) {
      #expect(context.debugDescription == expected)
    }
  }

  @Test func impossibleValuesAreThrownInCode() {
    #expect(throws: LinkError.loss(2)) { try Link(loss: 2) }
    #expect(throws: LinkError.self) { try Link(loss: .nan) }
    #expect(throws: LinkError.self) { try Link(noise: .infinity) }
    #expect(throws: LinkError.packetSize(ByteCount(0))) { try Link(packetSize: ByteCount(0)) }
  }

  @Test func linksHaveDefaultsAndReadBackEqual() throws {
    let plain = try JSONDecoder().decode(Link.self, from: Data("{}".utf8))
    #expect(plain == (try Link()))
    #expect(plain.rate.description == "10 Mbit/s")
    #expect(plain.downlinkRate == plain.rate)
    #expect(plain.roundTripTime.description == "20 ms")
    #expect(plain.loss == 0 && plain.noise == 0 && plain.packetSize == nil)
    let link = try Link(
      rate: DataRate(parsing: "3 Mbit/s"), downlinkRate: DataRate(parsing: "7 Mbit/s"),
      roundTripTime: .milliseconds(3), loss: 0.25, packetSize: ByteCount(1400), noise: 0.5,
      noisePlacement: .beforeAdapter)
    let data = try JSONEncoder().encode(link)
    #expect(try JSONDecoder().decode(Link.self, from: data) == link)
    let model = EnergyModel(computePower: .watts(7))
    let modelData = try JSONEncoder().encode(model)
    #expect(try JSONDecoder().decode(EnergyModel.self, from: modelData) == model)
  }
}
