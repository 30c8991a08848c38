#if GRPC
  internal import Crypto
  internal import Files
  internal import Foundation
  internal import GRPCCore
  internal import Serving
  internal import Splitting
  internal import TailSchema

  /// Knows clients by their tokens; health may be asked by anybody.
  struct Admission: ServerInterceptor {
    /// The client of the call that runs.
    @TaskLocal static var client = ""

    let tokens: ClientTokens
    let service: TailService

    func intercept<Input: Sendable, Output: Sendable>(
      request: StreamingServerRequest<Input>, context: ServerContext,
      next:
        @Sendable (StreamingServerRequest<Input>, ServerContext) async throws ->
        StreamingServerResponse<Output>
    ) async throws -> StreamingServerResponse<Output> {
      guard context.descriptor.service != HealthHealth.descriptor else {
        return try await next(request, context)
      }
      var client = host(context.remotePeer)
      if !tokens.isEmpty {
        let header = request.metadata[stringValues: "authorization"].first { _ in true }
        guard let name = tokens.client(ofHeader: header) else {
          service.note(.unauthenticated, client: client, call: context.descriptor.method)
          throw RPCError(ServiceRefusal.unauthenticated)
        }
        client = name
      }
      return try await Admission.$client.withValue(client) { try await next(request, context) }
    }

    /// Without the port, which is another for every connection.
    private func host(_ peer: String) -> String {
      String(peer[..<(peer.lastIndex(of: ":") ?? peer.endIndex)])
    }
  }

  /// The clients that may ask, by the digests of their bearer tokens.
  public struct ClientTokens: Sendable {
    private var names: [SHA256Digest: String] = [:]

    /// Anybody may ask.
    public init() {}

    /// Reads a file: a client's name and its token on each line; empty lines and lines that begin with
    /// `#` are skipped.
    ///
    /// - Throws: ``TailServerError`` if a line is anything else, or what keeps the file from being
    ///   read.
    public init(contentsOf path: String) throws {
      let text = try TextFile.read(path)
      for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false)
        .enumerated()
      {
        let words = line.split(whereSeparator: \.isWhitespace)
        if words.isEmpty || words[0].hasPrefix("#") { continue }
        guard words.count == 2, words[1].utf8.count >= 16 else {
          throw TailServerError.tokens(path: path, line: index + 1)
        }
        names[SHA256.hash(data: Data(words[1].utf8))] = String(words[0])
      }
      guard !names.isEmpty else { throw TailServerError.noTokens(path: path) }
    }

    var isEmpty: Bool { names.isEmpty }

    func client(ofHeader header: String?) -> String? {
      guard let header, header.lowercased().hasPrefix("bearer ") else { return nil }
      return names[SHA256.hash(data: Data(header.dropFirst("bearer ".count).utf8))]
    }
  }
#endif
