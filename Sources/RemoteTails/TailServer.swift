#if GRPC
  internal import GRPCCore
  internal import GRPCNIOTransportHTTP2Posix
  internal import Dispatch
  internal import Glibc
  internal import NIOCore
  public import Serving
  internal import Splitting
  internal import Synchronization
  internal import TailSchema

  /// A tail behind gRPC.
  public final class TailServer: Sendable {
    /// Where it listens, and how clients are known.
    public struct Options: Sendable {
      /// The address to listen at.
      public var host = "127.0.0.1"
      /// The port, 0 for any that is free.
      public var port = 0
      /// The PEM file of the server's certificate and those above it; nothing is encrypted without.
      public var certificate: String?
      /// The PEM file of its key.
      public var key: String?
      /// The PEM file of who signs the clients' certificates; they need none without.
      public var clientAuthority: String?
      /// The clients that may ask; anybody may if it is empty.
      public var tokens = ClientTokens()
      /// The connections there may be; more are closed as they come.
      public var connections = 1024
      /// How long a connection may be there and ask nothing.
      public var silence: Duration = .seconds(20)

      /// Creates options for this machine alone.
      public init() {}
    }

    private let server: GRPCServer<HTTP2ServerTransport.Posix>
    private let service: TailService
    private let health = HealthService()
    private let connections: ConnectionWatch

    /// Prepares a server; ``run()`` makes it listen.
    ///
    /// - Throws: ``TailServerError`` if the options do not go together.
    public init(_ service: TailService, _ options: Options) throws {
      self.service = service
      let watch = ConnectionWatch(most: options.connections, silence: options.silence)
      connections = watch
      let limits = service.description.limits
      let transport = HTTP2ServerTransport.Posix(
        address: options.host.contains(":")
          ? .ipv6(host: options.host, port: options.port)
          : .ipv4(host: options.host, port: options.port),
        transportSecurity: try Self.security(options),
        config: .defaults { config in
          config.rpc.maxRequestPayloadSize = limits.requestSize.bytes
          config.http2.targetWindowSize = LargeMessages.windowSize
          config.http2.maxFrameSize = LargeMessages.frameSize
          // Large messages and few of them: nothing is gained by holding writes back.
          config.connection.flushCoalescing = nil
          config.http2.maxConcurrentStreams = 64
          config.connection.maxIdleTime = .seconds(300)
          config.connection.keepalive.clientBehavior.minPingIntervalWithoutCalls = .seconds(10)
          config.connection.keepalive.clientBehavior.allowWithoutCalls = true
          config.channelDebuggingCallbacks.onAcceptTCPConnection = { watch.accepted($0) }
          config.channelDebuggingCallbacks.onAcceptHTTP2Stream = { watch.opened($0) }
        }, eventLoopGroup: EventLoopExecutor.shared.group)
      server = GRPCServer(
        transport: transport, services: [TailHandler(service: service), health],
        interceptors: [Admission(tokens: options.tokens, service: service)])
    }

    private static func security(
      _ options: Options
    ) throws -> HTTP2ServerTransport.Posix.TransportSecurity {
      guard let certificate = options.certificate, let key = options.key else {
        guard options.certificate == nil, options.key == nil, options.clientAuthority == nil else {
          throw TailServerError.certificateAndKey
        }
        return .plaintext
      }
      let chain: [TLSConfig.CertificateSource] = [.file(path: certificate, format: .pem)]
      let source = TLSConfig.PrivateKeySource.file(path: key, format: .pem)
      guard let authority = options.clientAuthority else {
        return .tls(certificateChain: chain, privateKey: source)
      }
      return .mTLS(certificateChain: chain, privateKey: source) {
        $0.trustRoots = .certificates([.file(path: authority, format: .pem)])
      }
    }

    /// Serves until ``shutDown()``.
    ///
    /// - Throws: what keeps it from listening.
    public func run() async throws {
      try await withTaskExecutorPreference(EventLoopExecutor.shared) { try await server.serve() }
    }

    /// Serves on threads of its own while the calling thread waits.
    ///
    /// - Parameters:
    ///   - started: is told the port, once it listens.
    ///   - isOver: asked ten times a second; true shuts down, and is not asked again.
    /// - Throws: what keeps it from listening.
    public func serve(started: (_ port: Int) -> Void, until isOver: () -> Bool) throws {
      let end = Outcome<Void>()
      Task.detached {
        do { end.finish(.success(try await self.run())) } catch { end.finish(.failure(error)) }
      }
      started(try waiting { try await self.port })
      var closes: ContinuousClock.Instant?
      while try end.wait(.milliseconds(100)) == nil {
        if let closes {
          // Clients that do not let go are not waited for any longer.
          if ContinuousClock.now > closes { return }
        } else if isOver() {
          shutDown()
          closes = .now + .seconds(service.description.limits.deadline.seconds)
        }
      }
    }

    /// Lets the process have as many open files as connections need, as far as the system allows.
    public static func allowConnections(_ count: Int) {
      var limit = rlimit()
      guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
      let wanted = rlim_t(count + 128)
      guard limit.rlim_cur < wanted else { return }
      limit.rlim_cur = min(wanted, limit.rlim_max)
      _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    /// The port where it listens, once it does.
    public var port: Int {
      get async throws {
        let address = try await server.transport.listeningAddress
        return address.ipv4?.port ?? address.ipv6?.port ?? 0
      }
    }

    /// The connections there are.
    public var connectionCount: Int { connections.count }

    /// Lets what is under way end, and refuses what comes.
    public func shutDown() {
      health.stopServing()
      service.close()
      server.beginGracefulShutdown()
    }
  }

  /// Keeps the number of connections, and those that ask nothing, within bounds.
  private final class ConnectionWatch: Sendable {
    private struct State {
      /// Whether each connection has asked anything.
      var hasAsked: [ObjectIdentifier: Bool] = [:]
    }

    private let state = Mutex(State())
    private let most: Int
    private let silence: Duration

    init(most: Int, silence: Duration) {
      self.most = most
      self.silence = silence
    }

    var count: Int { state.withLock { $0.hasAsked.count } }

    func accepted(_ channel: any Channel) -> EventLoopFuture<Void> {
      let connection = ObjectIdentifier(channel)
      let isWelcome = state.withLock { state in
        guard state.hasAsked.count < most else { return false }
        state.hasAsked[connection] = false
        return true
      }
      guard isWelcome else { return channel.close() }
      channel.closeFuture.whenComplete { _ in
        self.state.withLock { $0.hasAsked[connection] = nil }
      }
      channel.eventLoop.scheduleTask(in: .nanoseconds(Int64(silence / .nanoseconds(1)))) {
        if self.state.withLock({ $0.hasAsked[connection] }) == false {
          channel.close(promise: nil)
        }
      }
      return channel.eventLoop.makeSucceededVoidFuture()
    }

    func opened(_ stream: any Channel) -> EventLoopFuture<Void> {
      if let parent = stream.parent {
        state.withLock { $0.hasAsked[ObjectIdentifier(parent)] = true }
      }
      return stream.eventLoop.makeSucceededVoidFuture()
    }
  }

  /// Why a server cannot be made.
  public enum TailServerError: Error, Equatable, CustomStringConvertible {
    /// TLS needs both files.
    case certificateAndKey
    /// A line of a file of tokens is none.
    case tokens(path: String, line: Int)
    /// A file of tokens has no line.
    case noTokens(path: String)

    /// What is wrong and what was expected.
    public var description: String {
      switch self {
      case .certificateAndKey:
        "TLS needs a certificate and its key; a client authority needs both"
      case .tokens(let path, let line):
        "\(path):\(line): expected a client's name and its token of 16 characters or more"
      case .noTokens(let path): "\(path) holds no token: nobody could ask"
      }
    }
  }
#endif
