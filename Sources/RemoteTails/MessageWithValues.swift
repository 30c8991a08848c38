#if GRPC
  internal import Codecs
  internal import GRPCCore
  internal import SwiftProtobuf
  internal import TailSchema
  internal import Tensors

  /// A message of the schema and the values that it carries, which stay where they are: megabytes that
  /// a protocol buffer would copy into itself and out again.
  struct MessageWithValues<Head: Message>: Sendable {
    /// The message without its values.
    var head: Head
    /// Its values.
    var values: MessageValues
  }

  /// The bytes of single-precision values in a message.
  enum MessageValues: Sendable {
    /// The bytes of a tensor to send, those of a range.
    case sent(Tensor<Float>, Range<Int>)
    /// What has come.
    case received(ReceivedBytes)

    /// No values.
    static let none = MessageValues.sent(Tensor([0], repeating: 0), 0..<0)

    var byteCount: Int {
      switch self {
      case .sent(_, let range): range.count
      case .received(let bytes): bytes.range.count
      }
    }

    func withSpan<Result, Failure: Error>(
      _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
      let outcome: Swift.Result<Result, Failure> =
        switch self {
        case .sent(let tensor, let range):
          SinglePrecision.withBytes(of: tensor) { bytes in
            Swift.Result { () throws(Failure) in
              try body(UnsafeRawBufferPointer(rebasing: bytes[range]).bytes)
            }
          }
        case .received(let received):
          received.bytes.withUnsafeBytes { bytes in
            Swift.Result { () throws(Failure) in
              try body(UnsafeRawBufferPointer(rebasing: bytes[received.range]).bytes)
            }
          }
        }
      return try outcome.get()
    }
  }

  /// A part of a message as the transport has given it.
  ///
  /// `@unchecked Sendable`: the bytes are a value that nothing changes, of a type which only the
  /// transport knows.
  struct ReceivedBytes: @unchecked Sendable {
    let bytes: any GRPCContiguousBytes
    let range: Range<Int>
  }

  /// The field of a message's values, and the bytes before them.
  private enum ValuesField {
    /// The number that `values` has in every message of the schema.
    static let number: UInt64 = 15

    static func varint(_ value: UInt64) -> [UInt8] {
      var (bytes, rest) = ([UInt8](), value)
      while rest >= 0x80 {
        bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
        rest >>= 7
      }
      return bytes + [UInt8(rest)]
    }

    /// The key and the length of values.
    static func head(byteCount: Int) -> [UInt8] {
      varint(number << 3 | 2) + varint(UInt64(byteCount))
    }

    /// Where the values of a message are, and their field with its key; nil for a message of none.
    ///
    /// - Throws: if the bytes are no message.
    static func find(
      _ message: UnsafeRawBufferPointer
    ) throws -> (field: Range<Int>, values: Range<Int>)? {
      var place = 0
      func varint() throws -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: 0, to: 64, by: 7) {
          guard place < message.count else { throw malformed }
          let byte = message[place]
          place += 1
          value |= UInt64(byte & 0x7F) << UInt64(shift)
          if byte < 0x80 { return value }
        }
        throw malformed
      }
      while place < message.count {
        let begin = place
        let key = try varint()
        switch key & 7 {
        case 0: _ = try varint()
        case 1: place += 8
        case 5: place += 4
        case 2:
          let length = try varint()
          guard length <= UInt64(message.count - place) else { throw malformed }
          let end = place + Int(length)
          if key >> 3 == number { return (begin..<end, place..<end) }
          place = end
        default: throw malformed
        }
        guard place <= message.count else { throw malformed }
      }
      return nil
    }

    static let malformed = RPCError(code: .invalidArgument, message: "the bytes are no message")
  }

  /// The bytes of a message, which are in two places: the transport copies them to where they are sent
  /// from, at once and without filling the memory with zeros beforehand.
  private struct HeadAndValues: Sequence {
    let head: [UInt8]
    let values: UnsafeRawBufferPointer

    var underestimatedCount: Int { head.count + values.count }

    func makeIterator() -> IndexingIterator<[UInt8]> { (head + values).makeIterator() }

    func _copyContents(
      initializing target: UnsafeMutableBufferPointer<UInt8>
    ) -> (IndexingIterator<[UInt8]>, Int) {
      guard target.count >= underestimatedCount else { return (makeIterator(), 0) }
      let memory = UnsafeMutableRawBufferPointer(target)
      memory.copyBytes(from: head)
      UnsafeMutableRawBufferPointer(rebasing: memory[head.count...]).copyMemory(from: values)
      return ([].makeIterator(), underestimatedCount)
    }
  }

  /// Writes messages with their values as the schema has them.
  struct ValuesSerializer<Head: Message>: MessageSerializer {
    func serialize<Bytes: GRPCContiguousBytes>(_ message: MessageWithValues<Head>) throws -> Bytes {
      var head: [UInt8] = try message.head.serializedBytes()
      guard message.values.byteCount > 0 else { return Bytes(head) }
      head += ValuesField.head(byteCount: message.values.byteCount)
      return message.values.withSpan {
        $0.withUnsafeBytes { Bytes(HeadAndValues(head: head, values: $0)) }
      }
    }
  }

  /// Reads messages, and leaves their values in the bytes that came.
  struct ValuesDeserializer<Head: Message>: MessageDeserializer {
    func deserialize<Bytes: GRPCContiguousBytes>(_ bytes: Bytes) throws -> MessageWithValues<Head> {
      try bytes.withUnsafeBytes { message in
        let found = try ValuesField.find(message)
        var head = [UInt8](message[..<(found?.field.lowerBound ?? message.count)])
        var values = MessageValues.none
        if let found {
          head += message[found.field.upperBound...]
          values = .received(ReceivedBytes(bytes: bytes, range: found.values))
        }
        guard let read = try? Head(serializedBytes: head) else { throw ValuesField.malformed }
        return MessageWithValues(head: read, values: values)
      }
    }
  }
#endif
