#if GRPC
  internal import GRPCCore
  internal import Synchronization
  internal import SwiftProtobuf
  internal import TailSchema

  /// Health as gRPC's own tools and load balancers ask for it, of the server as a whole and of its tail.
  final class HealthService: HealthHealth.SimpleServiceProtocol {
    private struct State {
      var isServing = true
      var watchers: [AsyncStream<Bool>.Continuation] = []
    }

    private let state = Mutex(State())

    /// Says from now on that nothing is served.
    func stopServing() {
      let watchers = state.withLock { state in
        state.isServing = false
        defer { state.watchers = [] }
        return state.watchers
      }
      for watcher in watchers {
        watcher.yield(false)
        watcher.finish()
      }
    }

    private func isKnown(_ service: String) -> Bool {
      service.isEmpty || service == WireTail.descriptor.fullyQualifiedService
    }

    private func reply(_ isServing: Bool) -> HealthHealthCheckResponse {
      .with { $0.status = isServing ? .serving : .notServing }
    }

    func check(
      request: HealthHealthCheckRequest, context: ServerContext
    ) async throws -> HealthHealthCheckResponse {
      guard isKnown(request.service) else {
        throw RPCError(code: .notFound, message: "there is no service \(request.service) here")
      }
      return reply(state.withLock { $0.isServing })
    }

    func watch(
      request: HealthHealthCheckRequest, response: RPCWriter<HealthHealthCheckResponse>,
      context: ServerContext
    ) async throws {
      guard isKnown(request.service) else {
        try await response.write(.with { $0.status = .serviceUnknown })
        return
      }
      let (changes, watcher) = AsyncStream.makeStream(
        of: Bool.self, bufferingPolicy: .bufferingNewest(1))
      let isServing = state.withLock { state in
        if state.isServing { state.watchers.append(watcher) }
        return state.isServing
      }
      try await response.write(reply(isServing))
      guard isServing else { return }
      try await withRPCCancellationHandler {
        for await isServing in changes { try await response.write(reply(isServing)) }
      } onCancelRPC: {
        watcher.finish()
      }
    }
  }
#endif
