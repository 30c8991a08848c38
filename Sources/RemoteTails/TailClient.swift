#if GRPC
  internal import Codecs
  internal import Dispatch
  internal import Files
  internal import Foundation
  internal import GRPCCore
  internal import GRPCNIOTransportHTTP2Posix
  internal import GRPCProtobuf
  internal import Serving
  internal import Splitting
  internal import Synchronization
  internal import SwiftProtobuf
  internal import TailSchema
  internal import Tensors

  /// A connection to a served tail that outlives its server's restarts.
  ///
  /// Every call is a function of what is sent, so that it may be sent again: a call that has no answer
  /// is, with the same name, until there is one or patience is over.
  final class TailClient: Sendable {
    typealias Transport = HTTP2ClientTransport.Posix

    let address: TailAddress
    private let client: GRPCClient<Transport>
    private let metadata: Metadata
    private let deadline: TimeSpan
    private let patience: TimeSpan
    private let noted: @Sendable (String) -> Void
    /// Tells this client's requests from those of others of the same name.
    private let run = String(UInt64.random(in: .min ... .max), radix: 36)
    private let requests = Atomic(0)

    init(
      _ address: TailAddress, _ access: TailAccess, noted: @escaping @Sendable (String) -> Void
    ) throws {
      self.address = address
      self.noted = noted
      deadline = access.deadline ?? TailAccess.standardDeadline
      patience = access.patience ?? TailAccess.standardPatience
      metadata = try Self.metadata(access)
      let transport = try HTTP2ClientTransport.Posix(
        target: .dns(host: address.host, port: address.port),
        transportSecurity: Self.security(address, access),
        config: .defaults { config in
          config.backoff.initial = .milliseconds(100)
          config.backoff.max = .seconds(1)
          config.connection.keepalive = .init(
            time: .seconds(20), timeout: .seconds(10), allowWithoutCalls: false)
          config.http2.targetWindowSize = LargeMessages.windowSize
          config.http2.maxFrameSize = LargeMessages.frameSize
          // Large messages and few of them: nothing is gained by holding writes back.
          config.connection.flushCoalescing = nil
        }, eventLoopGroup: EventLoopExecutor.shared.group)
      let client = GRPCClient(transport: transport)
      self.client = client
      Task.detached(executorPreference: EventLoopExecutor.shared) {
        try? await client.runConnections()
      }
    }

    deinit { client.beginGracefulShutdown() }

    private static func metadata(_ access: TailAccess) throws -> Metadata {
      guard let path = access.tokenFile else { return [:] }
      let text: String
      do throws(FileError) { text = try TextFile.read(path) } catch {
        throw RemoteTailError.access(path: path, problem: "cannot be read: \(error.reason)")
      }
      let words = text.split(whereSeparator: \.isWhitespace)
      guard words.count == 1, words[0].utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
        throw RemoteTailError.access(
          path: path, problem: "is no token file: expected one token and nothing else")
      }
      return ["authorization": "Bearer \(words[0])"]
    }

    private static func security(
      _ address: TailAddress, _ access: TailAccess
    ) throws -> HTTP2ClientTransport.Posix.TransportSecurity {
      let files = [access.authority, access.certificate, access.key].compactMap { $0 }
      guard address.isEncrypted else {
        guard let file = files.first else { return .plaintext }
        throw RemoteTailError.access(
          path: file, problem: "goes with an encrypted connection: write grpcs:// for grpc://")
      }
      for file in files where !FileManager.default.isReadableFile(atPath: file) {
        throw RemoteTailError.access(path: file, problem: "cannot be read")
      }
      let roots: TLSConfig.TrustRootsSource =
        access.authority.map { .certificates([.file(path: $0, format: .pem)]) } ?? .systemDefault
      guard let certificate = access.certificate, let key = access.key else {
        return .tls { $0.trustRoots = roots }
      }
      return .mTLS(
        certificateChain: [.file(path: certificate, format: .pem)],
        privateKey: .file(path: key, format: .pem)
      ) { $0.trustRoots = roots }
    }

    // MARK: - Calls

    /// A name for a request, which it keeps when it is sent again.
    private func nextRequest() -> String {
      "\(run)-\(requests.add(1, ordering: .relaxed).newValue)"
    }

    func describe() async throws -> WireDescription {
      let most = min(patience, .seconds(30))
      return try await answer(within: most) {
        try await WireTail.Client(wrapping: $0).describe(.init(), metadata: $1, options: $2)
      }
    }

    func share(_ tables: WireTables) async throws -> WireTablesName {
      try await answer {
        try await WireTail.Client(wrapping: $0).share(tables, metadata: $1, options: $2)
      }
    }

    /// The answers to latents.
    ///
    /// - Parameter length: how many numbers there are to each.
    func forward(_ sent: SentLatents, length: Int) async throws -> WireForwardReply {
      let request = nextRequest()
      let most = max(sent.mostBytesOfMessage, 4 * sent.count * length)
      return try await answer(most: most) { client, metadata, options in
        try await client.clientStreaming(
          request: StreamingClientRequest(metadata: metadata) { writer in
            try await MessageWithValues.send(
              sent, WireForwardRequest.with { $0.request = request }
            ) { try await writer.write($0) }
          }, descriptor: WireTail.Method.Forward.descriptor,
          serializer: ValuesSerializer<WireForwardRequest>(),
          deserializer: ProtobufDeserializer<WireForwardReply>(), options: options
        ) { try $0.message }
      }
    }

    /// The mean cross-entropy of latents and its gradient for them.
    ///
    /// - Throws: ``RemoteTailError``.
    func backward(_ latents: Tensor<Float>, labels: [Int32]) async throws -> TailGradient {
      let request = nextRequest()
      let sent = SentLatents.values(latents)
      let shape = latents.shape
      return try await answer(most: sent.mostBytesOfMessage) { client, metadata, options in
        try await client.bidirectionalStreaming(
          request: StreamingClientRequest(metadata: metadata) { writer in
            try await MessageWithValues.send(
              sent,
              WireBackwardRequest.with {
                $0.request = request
                $0.labels = labels
              }
            ) { try await writer.write($0) }
          }, descriptor: WireTail.Method.Backward.descriptor,
          serializer: ValuesSerializer<WireBackwardRequest>(),
          deserializer: ValuesDeserializer<WireBackwardReply>(), options: options
        ) { try await self.gradient(of: shape, $0.messages) }
      }
    }

    private func gradient(
      of shape: Shape,
      _ messages: RPCAsyncSequence<MessageWithValues<WireBackwardReply>, any Error>
    ) async throws -> TailGradient {
      var messages = messages.makeAsyncIterator()
      guard let first = try await messages.next(), first.head.gradient.isEqual(to: shape) else {
        throw RemoteTailError.answer(address, problem: "with a gradient of another shape")
      }
      var values = SinglePrecision.Assembly(shape)
      var isWanted = first.values.withSpan { values.append($0) }
      while isWanted, let next = try await messages.next() {
        isWanted = next.values.withSpan { values.append($0) }
      }
      guard isWanted, values.missingByteCount == 0 else {
        throw RemoteTailError.answer(
          address, problem: "with a gradient of other bytes than its shape takes")
      }
      return TailGradient(loss: first.head.loss, latent: values.tensor())
    }

    /// Asks until there is an answer.
    ///
    /// - Parameters:
    ///   - patience: how long; the client's unless given.
    ///   - most: the bytes of what a message carries, around which there is little.
    private func answer<Reply: Sendable>(
      within patience: TimeSpan? = nil, most: Int = 0,
      _ ask: (GRPCClient<Transport>, Metadata, CallOptions) async throws -> Reply
    ) async throws -> Reply {
      let patience = patience ?? self.patience
      let start = ContinuousClock.now
      var options = CallOptions.defaults
      options.timeout = .seconds(deadline.seconds)
      options.waitForReady = false
      options.maxResponseMessageBytes = most + 65_536
      // The transport takes the bound of what it sends for what it receives, too.
      options.maxRequestMessageBytes = most + 65_536
      var attempt = 0
      while true {
        do { return try await ask(client, metadata, options) } catch let error as RPCError {
          guard let pause = pause(after: error, attempt: attempt) else {
            if refusal(of: error) == ServiceRefusal.unknownTables("").name {
              throw RemoteTailError.unknownTables(address)
            }
            throw RemoteTailError.refused(address, reason: error.message)
          }
          let waited = TimeSpan(.now - start)
          guard waited < patience else {
            throw RemoteTailError.unreachable(address, after: waited, last: error.message)
          }
          // A server that is only busy for a moment is nothing to report.
          let isBusy = refusal(of: error) != nil
          if attempt == (isBusy ? 5 : 0) {
            noted(
              "the tail at \(address) does not answer (\(error.message)); waiting for up to "
                + "\(patience)")
          }
          attempt += 1
          try await Task.sleep(for: pause)
        }
      }
    }

    /// What the server itself calls its refusal; nil if an error is the connection's.
    private func refusal(of error: RPCError) -> String? {
      error.metadata[stringValues: Refusal.key].first { _ in true }
    }

    /// How long to wait before asking again; nil if asking again is no use.
    private func pause(after error: RPCError, attempt: Int) -> Duration? {
      switch error.code {
      case .invalidArgument, .permissionDenied, .unauthenticated, .failedPrecondition, .notFound,
        .unimplemented, .outOfRange:
        return nil
      // The server's own word that it could not compute, and the connection's that a message is too
      // large, would be the same the next time.
      case .internalError where refusal(of: error) != nil,
        .resourceExhausted where refusal(of: error) == nil:
        return nil
      default: break
      }
      if let time = error.metadata[stringValues: Refusal.pause].first(where: { _ in true }),
        let milliseconds = Int(time), (0...60_000).contains(milliseconds)
      {
        return .milliseconds(milliseconds)
      }
      // From 50 ms to 2 s, and not for all clients at the same moment.
      let base = min(2, 0.05 * Double(1 << min(attempt, 6)))
      return .seconds(base * Double.random(in: 0.75...1.25))
    }
  }

  /// Waits for what is asynchronous; of no use on a thread that this itself needs.
  func waiting<Result: Sendable>(
    for body: @escaping @Sendable () async throws -> Result
  ) throws -> Result {
    let outcome = Outcome<Result>()
    Task.detached(executorPreference: EventLoopExecutor.shared) {
      do { outcome.finish(.success(try await body())) } catch { outcome.finish(.failure(error)) }
    }
    return try outcome.wait()
  }

  /// What a thread waits for.
  final class Outcome<Value: Sendable>: Sendable {
    private let result = Mutex<Result<Value, any Error>?>(nil)
    private let isThere = DispatchSemaphore(value: 0)

    func finish(_ value: Result<Value, any Error>) {
      result.withLock { $0 = value }
      isThere.signal()
    }

    /// The value, if it is there in time.
    func wait(_ time: DispatchTimeInterval) throws -> Value? {
      guard isThere.wait(timeout: .now() + time) == .success else { return nil }
      return try result.withLock { $0 }?.get()
    }

    func wait() throws -> Value {
      isThere.wait()
      guard let value = result.withLock({ $0 }) else { throw CancellationError() }
      return try value.get()
    }
  }
#endif
