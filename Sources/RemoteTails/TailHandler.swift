#if GRPC
  internal import GRPCCore
  internal import Networks
  internal import Serving
  internal import Splitting
  internal import SwiftProtobuf
  internal import TailSchema

  /// The calls of the schema, answered by the service.
  struct TailHandler: WireTail.SimpleServiceProtocol {
    let service: TailService

    func describe(
      request: WireDescribeRequest, context: ServerContext
    ) async throws -> WireDescription {
      WireDescription(service.description)
    }

    func share(request: WireTables, context: ServerContext) async throws -> WireTablesName {
      try await answered {
        let tables = Dictionary(
          uniqueKeysWithValues: request.byNumber.map { (Int($0.key), [UInt8]($0.value)) })
        let name = try service.share(tables, caller(""))
        return .with { $0.name = name }
      }
    }

    func forward(
      request: WireForwardRequest, context: ServerContext
    ) async throws -> WireForwardReply {
      try await answered { try await reply(to: request) }
    }

    func backward(
      request: WireBackwardRequest, context: ServerContext
    ) async throws -> WireBackwardReply {
      try await answered {
        let start = ContinuousClock.now
        let answer = try await service.backward(
          request.sent, labels: request.labels, caller(request.request))
        return .with {
          $0.loss = answer.loss
          $0.gradient = WireValues(answer.latent)
          $0.served = start.nanosecondsSince
        }
      }
    }

    func infer(
      request: RPCAsyncSequence<WireForwardRequest, any Error>,
      response: RPCWriter<WireForwardReply>, context: ServerContext
    ) async throws {
      try await answered {
        for try await frame in request { try await response.write(reply(to: frame)) }
      }
    }

    private func reply(to request: WireForwardRequest) async throws -> WireForwardReply {
      let start = ContinuousClock.now
      let logits = try await service.forward(request.sent, caller(request.request))
      return .with {
        $0.logits = WireValues(logits)
        $0.served = start.nanosecondsSince
      }
    }

    private func caller(_ request: String) -> TailService.Caller {
      // The name of a request is kept, so that it may not be of any length.
      TailService.Caller(client: Admission.client, request: String(request.prefix(64)))
    }

    /// Runs a call, ends it when the client goes, and tells refusals by their status.
    private func answered<Reply: Sendable>(
      _ body: @escaping @Sendable () async throws -> Reply
    ) async throws -> Reply {
      let call = Task { try await body() }
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
