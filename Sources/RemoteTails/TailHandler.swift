#if GRPC
  internal import GRPCCore
  internal import GRPCProtobuf
  internal import Networks
  internal import Serving
  internal import Splitting
  internal import SwiftProtobuf
  internal import TailSchema
  internal import Tensors

  /// The calls of the schema, answered by the service.
  struct TailHandler: RegistrableRPCService {
    let service: TailService

    func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
      router.registerHandler(
        forMethod: WireTail.Method.Describe.descriptor,
        deserializer: ProtobufDeserializer<WireDescribeRequest>(),
        serializer: ProtobufSerializer<WireDescription>()
      ) { request, _ in
        _ = try await answered { try await only(of: request, "describe") }
        return StreamingServerResponse(
          single: ServerResponse(message: WireDescription(service.description)))
      }
      router.registerHandler(
        forMethod: WireTail.Method.Share.descriptor,
        deserializer: ProtobufDeserializer<WireTables>(),
        serializer: ProtobufSerializer<WireTablesName>()
      ) { request, _ in
        StreamingServerResponse(single: ServerResponse(message: try await share(request)))
      }
      router.registerHandler(
        forMethod: WireTail.Method.Forward.descriptor,
        deserializer: ValuesDeserializer<WireForwardRequest>(),
        serializer: ProtobufSerializer<WireForwardReply>()
      ) { request, _ in
        let reply = try await forward(request.messages)
        return StreamingServerResponse(single: ServerResponse(message: reply))
      }
      router.registerHandler(
        forMethod: WireTail.Method.Backward.descriptor,
        deserializer: ValuesDeserializer<WireBackwardRequest>(),
        serializer: ValuesSerializer<WireBackwardReply>()
      ) { request, _ in
        streamed { try await backward(request.messages, $0) }
      }
      router.registerHandler(
        forMethod: WireTail.Method.Infer.descriptor,
        deserializer: ValuesDeserializer<WireForwardRequest>(),
        serializer: ProtobufSerializer<WireForwardReply>()
      ) { request, _ in
        streamed { try await infer(request.messages, $0) }
      }
    }

    /// An answer of several messages, which is made when the admission, which knows the client, has
    /// returned.
    private func streamed<Reply>(
      _ body: @escaping @Sendable (RPCWriter<Reply>) async throws -> Void
    ) -> StreamingServerResponse<Reply> {
      let client = Admission.client
      return StreamingServerResponse { writer in
        try await Admission.$client.withValue(client) { try await body(writer) }
        return [:]
      }
    }

    // MARK: - Calls

    private func share(_ request: StreamingServerRequest<WireTables>) async throws -> WireTablesName
    {
      try await answered {
        let message = try await only(of: request, "share")
        let tables = Dictionary(
          uniqueKeysWithValues: message.byNumber.map { (Int($0.key), [UInt8]($0.value)) })
        let name = try service.share(tables, caller(""))
        return .with { $0.name = name }
      }
    }

    private func forward(
      _ messages: RPCAsyncSequence<MessageWithValues<WireForwardRequest>, any Error>
    ) async throws -> WireForwardReply {
      try await answered {
        let request = try await received(messages, "forward")
        return try await reply(to: request)
      }
    }

    private func backward(
      _ messages: RPCAsyncSequence<MessageWithValues<WireBackwardRequest>, any Error>,
      _ response: RPCWriter<MessageWithValues<WireBackwardReply>>
    ) async throws {
      try await answered {
        let request = try await received(messages, "backward")
        let answer = try await service.backward(
          request.latents, labels: request.first.labels, caller(request.first.request))
        var head = WireBackwardReply.with {
          $0.loss = answer.loss
          $0.gradient = WireShape(answer.latent.shape)
          $0.served = request.start.nanosecondsSince
        }
        for values in MessageValues.pieces(of: answer.latent) {
          try await response.write(MessageWithValues(head: head, values: values))
          head = WireBackwardReply()
        }
      }
    }

    private func infer(
      _ frames: RPCAsyncSequence<MessageWithValues<WireForwardRequest>, any Error>,
      _ response: RPCWriter<WireForwardReply>
    ) async throws {
      try await answered {
        for try await frame in frames {
          let request = try await received(frame, "infer") { nil }
          try await response.write(reply(to: request))
        }
      }
    }

    private func reply(to request: Received<WireForwardRequest>) async throws -> WireForwardReply {
      let answers = try await service.forward(request.latents, caller(request.first.request))
      return .with {
        $0.answers = WireValues(answers)
        $0.served = request.start.nanosecondsSince
      }
    }

    private func caller(_ request: String) -> TailService.Caller {
      // The name of a request is kept, so that it may not be of any length.
      TailService.Caller(client: Admission.client, request: String(request.prefix(64)))
    }

    // MARK: - Receiving

    /// A request whose messages are all there.
    private struct Received<Request: WireRequest> {
      /// What the first message says beside latents.
      let first: Request
      let latents: SentLatents
      /// When the last message was there.
      let start = ContinuousClock.now
    }

    /// Reads a request.
    private func received<Request: WireRequest>(
      _ messages: RPCAsyncSequence<MessageWithValues<Request>, any Error>, _ call: String
    ) async throws -> Received<Request> {
      try await inTime(call) {
        var messages = messages.makeAsyncIterator()
        guard let first = try await messages.next() else {
          throw RPCError(code: .invalidArgument, message: "there is no request")
        }
        return try await received(first, call) { try await messages.next() }
      }
    }

    /// The message of a request that has one.
    private func only<Message: Sendable>(
      of request: StreamingServerRequest<Message>, _ call: String
    ) async throws -> Message {
      try await inTime(call) { try await ServerRequest(stream: request).message }
    }

    /// Reads a request, which has as long for it as for being computed.
    private func inTime<Request: Sendable>(
      _ call: String, _ read: @escaping @Sendable () async throws -> Request
    ) async throws -> Request {
      let deadline = Duration.seconds(service.description.limits.deadline.seconds)
      return try await withThrowingTaskGroup(of: Request?.self) { group in
        group.addTask { try await read() }
        group.addTask {
          try await Task.sleep(for: deadline)
          return nil
        }
        defer { group.cancelAll() }
        guard let request = try await group.next() ?? nil else {
          service.note(.expired, client: Admission.client, call: call)
          throw ServiceRefusal.expired
        }
        return request
      }
    }

    private func received<Request: WireRequest>(
      _ first: MessageWithValues<Request>, _ call: String,
      next: () async throws -> MessageWithValues<Request>?
    ) async throws -> Received<Request> {
      do {
        let latents = try await service.latents(first, next: next)
        var head = first.head
        head.latents = WireLatents()
        return Received(first: head, latents: latents)
      } catch let refusal as ServiceRefusal {
        service.note(refusal, client: Admission.client, call: call)
        throw refusal
      }
    }

    // MARK: - Answering

    /// Runs a call, ends it when the client goes, and tells refusals by their status.
    private func answered<Reply: Sendable>(
      _ body: @escaping @Sendable () async throws -> Reply
    ) async throws -> Reply {
      // A task of its own has no executor of its parent's.
      let call = Task(executorPreference: EventLoopExecutor.shared) { try await body() }
      do {
        return try await withTaskCancellationHandler {
          try await withRPCCancellationHandler {
            try await call.value
          } onCancelRPC: {
            call.cancel()
          }
        } onCancel: {
          call.cancel()
        }
      } catch let refusal as ServiceRefusal {
        throw RPCError(refusal)
      } catch let error as RPCError {
        throw error
      } catch is CancellationError {
        throw RPCError(code: .cancelled, message: "the client has gone")
      } catch {
        // What went wrong inside may tell of layers, and is in the server's log.
        throw RPCError(
          code: .internalError, message: "the tail could not answer",
          metadata: [Refusal.key: "failed"])
      }
    }
  }

  /// How refusals are told from what a connection does.
  enum Refusal {
    /// The metadata that only a server's own word has.
    static let key = "cleave-refusal"
    /// When to ask again, in milliseconds: a name that gRPC's own retries know.
    static let pause = "grpc-retry-pushback-ms"
  }

  extension RPCError {
    /// A refusal as the status that tells a client what to do about it.
    init(_ refusal: ServiceRefusal) {
      let code: RPCError.Code =
        switch refusal {
        case .invalid, .tooMany: .invalidArgument
        case .unknownTables: .failedPrecondition
        case .busy, .tooFast: .resourceExhausted
        case .gradientsSpent: .permissionDenied
        case .unauthenticated: .unauthenticated
        case .expired: .deadlineExceeded
        case .closing: .unavailable
        }
      var metadata: Metadata = [Refusal.key: "\(refusal.name)"]
      if let time = refusal.retryAfter {
        metadata.addString("\(Int(time.milliseconds.rounded(.up)))", forKey: Refusal.pause)
      }
      self.init(code: code, message: "\(refusal)", metadata: metadata)
    }
  }
#endif
