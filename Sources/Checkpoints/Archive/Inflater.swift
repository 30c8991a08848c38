internal import CZlib

/// Unpacks deflated bytes as they come.
struct Inflater: ~Copyable {
  /// How many bytes are taken in or given out at once.
  static let pieceCount = 1 << 18

  private let stream: UnsafeMutablePointer<z_stream>
  private let isReady: Bool
  private var output = [UInt8](repeating: 0, count: pieceCount)

  init() {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    isReady = cleave_inflate_raw_init(stream) == Z_OK
  }

  deinit {
    if isReady { inflateEnd(stream) }
    stream.deallocate()
  }

  /// Unpacks more bytes and gives on what comes out.
  ///
  /// - Returns: whether the end of what was packed is reached; also if the bytes are damaged, whose
  ///   count and checksum then differ.
  mutating func inflate(
    _ input: [UInt8], _ receive: (ArraySlice<UInt8>) throws(CheckpointError) -> Void
  ) throws(CheckpointError) -> Bool {
    guard isReady else { return true }
    var consumed = 0
    while true {
      let (status, used, produced) = step(input[consumed...])
      consumed += used
      if produced > 0 { try receive(output[..<produced]) }
      switch status {
      case Z_OK, Z_BUF_ERROR:
        // Nothing more comes out of what is there.
        if produced < output.count, consumed == input.count { return false }
        if used == 0, produced == 0 { return false }
      default: return true
      }
    }
  }

  private mutating func step(
    _ input: ArraySlice<UInt8>
  ) -> (status: Int32, used: Int, produced: Int) {
    input.withUnsafeBufferPointer { input in
      output.withUnsafeMutableBufferPointer { output in
        stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
        stream.pointee.avail_in = UInt32(input.count)
        stream.pointee.next_out = output.baseAddress
        stream.pointee.avail_out = UInt32(output.count)
        let status = CZlib.inflate(stream, Z_NO_FLUSH)
        return (
          status, input.count - Int(stream.pointee.avail_in),
          output.count - Int(stream.pointee.avail_out)
        )
      }
    }
  }
}
