import Splitting
import Testing

@Suite struct TailAddressTests {
  @Test(arguments: [
    ("grpc://host:50051", "host", 50051, false), ("grpcs://a.b.c:1", "a.b.c", 1, true),
    ("grpc://[::1]:65535", "::1", 65535, false), ("grpc://10.0.0.1:80", "10.0.0.1", 80, false),
  ]) func addressesAreRead(text: String, host: String, port: Int, isEncrypted: Bool) throws {
    let address = try TailAddress(text)
    #expect(address.host == host && address.port == port && address.isEncrypted == isEncrypted)
    #expect("\(address)" == text)
    #expect(TailAddress.isAddress(text))
  }

  @Test(arguments: [
    "grpc://host", "grpc://:1", "grpc://host:0", "grpc://host:65536", "http://host:1",
    "grpc://a/b:1",
    "grpc://::1:5", "grpc://host:x", "grpc://[]:1",
  ]) func whatIsNoAddressIsRefused(text: String) {
    #expect(throws: TailAddressError.self) { try TailAddress(text) }
  }

  @Test func pathsAreNoAddresses() {
    #expect(!TailAddress.isAddress("runs/tail.h5"))
  }
}
