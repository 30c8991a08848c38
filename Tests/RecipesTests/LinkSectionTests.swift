import Configurations
import Recipes
import Splitting
import Testing

@Suite struct LinkSectionTests {
  @Test func everyMistakeInALinkIsReported() {
    let text = """
      link:
        rate: 10
        downlink_rate: 10 Mbits
        round_trip_time: -3 ms
        loss: 1.5
        packet_size: 2 B
        noise: loud
        noise_placement: before
        jitter: 3 ms
      """
    let found = problemLines { () throws(RecipeProblems) in
      let decoder = StrictDecoder(try RecipeDocument(name: "r.yaml", text: text))
      _ = decoder.section("link", as: Link.self)
      try decoder.finish()
    }
    let rates = "bit/s, kbit/s, Mbit/s, Gbit/s, B/s, kB/s, MB/s, GB/s"
    #expect(
      found == [
        "r.yaml:2:9: 'link.rate': 10 has no unit: expected one of \(rates), such as '10 Mbit/s'",
        "r.yaml:3:18: 'link.downlink_rate': unknown unit 'Mbits' in '10 Mbits': expected one of "
          + "\(rates) (did you mean 'Mbit/s'?)",
        "r.yaml:4:20: 'link.round_trip_time': '-3 ms' is out of range: expected a time of zero or "
          + "more",
        "r.yaml:5:9: 'link.loss': expected a loss from 0 to 1, found 1.5",
        "r.yaml:6:16: 'link.packet_size': expected packets of at least 4 B, found 2 B",
        "r.yaml:7:10: 'link.noise' expects a number, found 'loud'",
        "r.yaml:8:20: 'link.noise_placement' expects 'after_adapter' or 'before_adapter', found "
          + "'before' (did you mean 'before_adapter'?)",
        "r.yaml:9:3: unknown key 'jitter' in 'link'; known keys: rate, downlink_rate, "
          + "round_trip_time, transport, loss, packet_size, noise, noise_placement, "
          + "device_slowdown, server_speedup",
      ])
  }

  @Test func aRequiredQuantityHasAStandInSoThatTheRestIsRead() {
    struct Section: Decodable {
      var rate: DataRate
      var memory: ByteCount
    }
    let found = problemLines { () throws(RecipeProblems) in
      _ = try StrictDecoder.decode(
        Section.self, from: try RecipeDocument(name: "r.yaml", text: "rate: x\nmemory: 0.5 B"))
    }
    #expect(
      found == [
        "r.yaml:1:7: 'rate': 'x' does not begin with a number: expected one such as '10 Mbit/s'",
        "r.yaml:2:9: 'memory': '0.5 B' is out of range: expected a whole number of bytes, zero or "
          + "more",
      ])
  }
}
