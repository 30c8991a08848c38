#if GRPC
  /// A request in the frames of HTTP/2, for clients that do not go on with it.
  struct RawRequest {
    /// What a connection begins with, and the request's headers.
    let beginning: [UInt8]

    /// Creates a request for a call of the tail's service.
    init(call: String) {
      let headers = [
        (":method", "POST"), (":scheme", "http"), (":path", "/cleave.tail.v1.Tail/\(call)"),
        (":authority", "tail"), ("content-type", "application/grpc"), ("te", "trailers"),
      ]
      let block = headers.flatMap { name, value in
        [0, UInt8(name.utf8.count)] + name.utf8 + [UInt8(value.utf8.count)] + value.utf8
      }
      let settings = Self.frame(type: 4, flags: 0, stream: 0, [])
      let endsHeaders: UInt8 = 4
      beginning =
        Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + settings
        + Self.frame(type: 1, flags: endsHeaders, stream: 1, block)
    }

    /// A message of the request, or of one only as many bytes as are to be sent.
    func message(_ bytes: [UInt8], sent: Int? = nil) -> [UInt8] {
      let whole = [0] + Self.bigEndian(bytes.count, bytes: 4) + bytes
      return Self.frame(type: 0, flags: 0, stream: 1, Array(whole.prefix(sent ?? whole.count)))
    }

    private static func frame(
      type: UInt8, flags: UInt8, stream: Int, _ payload: [UInt8]
    ) -> [UInt8] {
      bigEndian(payload.count, bytes: 3) + [type, flags] + bigEndian(stream, bytes: 4) + payload
    }

    private static func bigEndian(_ value: Int, bytes: Int) -> [UInt8] {
      (0..<bytes).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
  }
#endif
