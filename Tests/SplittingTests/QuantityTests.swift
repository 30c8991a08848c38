import Foundation
import Splitting
import Testing

@Suite struct QuantityTests {
  @Test(arguments: [
    ("10 Mbit/s", 10e6), ("500 kbit/s", 500e3), ("1 Gbit/s", 1e9), ("9600bit/s", 9600),
    ("2 MB/s", 16e6), ("1 kB/s", 8e3), ("3 B/s", 24), ("1.5e1 Mbit/s", 15e6), (".5 Gbit/s", 5e8),
  ])
  func ratesAreBitsPerSecond(text: String, expected: Double) throws {
    #expect(try DataRate(parsing: text).bitsPerSecond == expected)
  }

  @Test(arguments: [
    ("20 ms", 0.02), ("1.5 s", 1.5), ("300 us", 3e-4), ("300 µs", 3e-4), ("7 ns", 7e-9),
    ("2 min", 120), ("1 h", 3600), ("0 s", 0),
  ])
  func timesAreSeconds(text: String, expected: Double) throws {
    #expect(try TimeSpan(parsing: text).seconds == expected)
  }

  @Test(arguments: [
    ("64 MiB", 67_108_864), ("10 kB", 10_000), ("512 B", 512), ("1.5 KiB", 1536), ("0 B", 0),
    ("2 GiB", 2_147_483_648), ("1 TB", 1_000_000_000_000),
  ])
  func sizesAreBytes(text: String, expected: Int) throws {
    #expect(try ByteCount(parsing: text).bytes == expected)
  }

  @Test func powersAndEnergiesAreWattsAndJoules() throws {
    #expect(try Power(parsing: "2 W").watts == 2)
    #expect(try Power(parsing: "500 mW").watts == 0.5)
    #expect(try Power(parsing: "30 uW").watts == 3e-5)
    #expect(try Energy(parsing: "12 mJ").joules == 0.012)
  }

  @Test(arguments: [
    ("10", "10 has no unit: expected one of ns, us, µs, ms, s, min, h, such as '20 ms'"),
    ("ms", "'ms' does not begin with a number: expected one such as '20 ms'"),
    ("", "'' does not begin with a number: expected one such as '20 ms'"),
    ("-", "'-' does not begin with a number: expected one such as '20 ms'"),
    (
      "20 MS",
      "unknown unit 'MS' in '20 MS': expected one of ns, us, µs, ms, s, min, h (did you mean 'ms'?)"
    ),
    (
      "20 ms x", "unknown unit 'ms x' in '20 ms x': expected one of ns, us, µs, ms, s, min, h"
    ),
    ("3 e", "unknown unit 'e' in '3 e': expected one of ns, us, µs, ms, s, min, h"),
    ("-1 s", "'-1 s' is out of range: expected a time of zero or more"),
    ("1e999 s", "'1e999 s' is out of range: expected a time of zero or more"),
    ("nan s", "'nan s' does not begin with a number: expected one such as '20 ms'"),
    ("0x10 s", "unknown unit 'x10 s' in '0x10 s': expected one of ns, us, µs, ms, s, min, h"),
  ])
  func whatIsNoTimeIsExplained(text: String, expected: String) {
    let error = #expect(throws: QuantityError.self) { try TimeSpan(parsing: text) }
    #expect(error?.description == expected)
  }

  @Test func otherRangesAreExplained() {
    func message<Value: Quantity>(_ type: Value.Type, _ text: String) -> String? {
      #expect(throws: QuantityError.self) { try Value(parsing: text) }?.description
    }
    #expect(
      message(DataRate.self, "0 bit/s") == "'0 bit/s' is out of range: expected a rate above zero")
    #expect(
      message(DataRate.self, "-1 bit/s")
        == "'-1 bit/s' is out of range: expected a rate above zero")
    #expect(
      message(ByteCount.self, "0.5 B")
        == "'0.5 B' is out of range: expected a whole number of bytes, zero or more")
    #expect(
      message(ByteCount.self, "1e30 TiB")
        == "'1e30 TiB' is out of range: expected a whole number of bytes, zero or more")
    #expect(
      message(Power.self, "-1 W") == "'-1 W' is out of range: expected a power of zero or more")
  }

  @Test(
    arguments: [
      (0.0, "0 s"), (0.02, "20 ms"), (1.5, "1.5 s"), (3e-4, "300 µs"), (0.0123456, "12.3 ms"),
      (0.1234567, "123 ms"), (1.23456, "1.23 s"), (0.9996, "1 s"), (0.9994, "999 ms"),
      (0.009999, "10 ms"), (59.96, "60 s"), (90, "1.5 min"), (3725, "1.03 h"), (5e-10, "0.5 ns"),
      (1.2345e-12, "0.00123 ns"), (44_442_000, "12345 h"), (1e-9, "1 ns"),
    ] as [(Double, String)])
  func timesArePrintedWithThreeDigits(seconds: Double, expected: String) {
    #expect(TimeSpan.seconds(seconds).description == expected)
  }

  @Test func otherQuantitiesArePrintedInFittingUnits() throws {
    #expect(try DataRate(parsing: "2 MB/s").description == "16 Mbit/s")
    #expect(DataRate(baseValue: 1_234_567)?.description == "1.23 Mbit/s")
    #expect(ByteCount(512).description == "512 B")
    #expect(ByteCount(67_108_864).description == "64 MiB")
    #expect(ByteCount(1_000_000).description == "977 KiB")
    #expect(ByteCount(1_023_999).description == "0.977 MiB")
    #expect(ByteCount(0).description == "0 B")
    #expect((Power.watts(2.5) * .seconds(0.01)).description == "25 mJ")
    #expect(Power.watts(0.5).description == "500 mW")
    #expect(Energy.joules(1234).description == "1.23 kJ")
  }

  @Test(
    arguments: [
      0, 1, 0.02, 3e-4, 1.0 / 3, 12345.678, 7e-9, 3600, 5.4321e-15, 0.1 + 0.2, 86_400_000,
    ] as [Double])
  func encodedQuantitiesReadBackExactly(seconds: Double) throws {
    let time = TimeSpan.seconds(seconds)
    let data = try JSONEncoder().encode([time])
    #expect(try JSONDecoder().decode([TimeSpan].self, from: data) == [time])
  }

  @Test func quantitiesAreEncodedWithTheirUnit() throws {
    func json(_ value: some Encodable) throws -> String {
      let encoder = JSONEncoder()
      encoder.outputFormatting = .withoutEscapingSlashes
      return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
    #expect(try json(TimeSpan.milliseconds(20)) == #""20 ms""#)
    #expect(try json(DataRate.tenMegabits) == #""10 Mbit/s""#)
    #expect(try json(ByteCount(1000)) == #""1000 B""#)
    #expect(try json(TimeSpan.zero) == #""0 s""#)
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(TimeSpan.self, from: Data("20".utf8))
    }
  }

  @Test func quantitiesAreOrdered() throws {
    #expect(try TimeSpan(parsing: "999 ms") < TimeSpan(parsing: "1 s"))
    #expect(try ByteCount(parsing: "1 MiB") > ByteCount(parsing: "1 MB"))
  }
}
