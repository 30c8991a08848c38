#if GRPC
  import Foundation
  import Glibc
  import Networks
  import RemoteTails
  import Serving
  import Splitting
  import Synchronization
  import Tensors
  import Testing

  /// A tail behind a server on this machine, for the time of a test.
  final class Fixture: Sendable {
    let tail: LocalTail
    let service: TailService
    let server: TailServer
    let port: Int
    private let running: Task<Void, any Error>

    static func tail() throws -> LocalTail {
      var network = try ResNet.narrow(depth: 8, classes: 5, inputShape: [8, 8, 3])
      network.initializeParameters(seed: 3)
      return LocalTail(try network.cut(at: "layer2").tail)
    }

    init(
      port: Int = 0, tail served: LocalTail? = nil, limits: ServiceLimits = ServiceLimits(),
      _ change: (inout TailServer.Options) throws -> Void = { _ in }
    ) throws {
      tail = try served ?? Self.tail()
      service = TailService(
        tail, limits: limits, cost: Cost(macs: 7, parameters: 5),
        threads: ThreadPool(threadCount: 1))
      var options = TailServer.Options()
      options.port = port
      try change(&options)
      let server = try TailServer(service, options)
      self.server = server
      running = Task { try await server.run() }
      self.port = try waiting { try await server.port }
    }

    var address: TailAddress {
      get throws { try TailAddress("grpc://127.0.0.1:\(port)") }
    }

    /// Ends, as a server that is restarted does.
    func stop() throws {
      server.shutDown()
      let running = running
      try waiting { try await running.value }
    }

    func latents(_ count: Int, seed: UInt64 = 1) -> Tensor<Float> {
      var random = RandomSource(seed: seed)
      return random.normal(tail.latentShape.prepending(count))
    }
  }

  /// Runs what waits for servers and clients on a thread that may be blocked.
  ///
  /// Tests do nothing else that is asynchronous: where one of them awaited again and again, Swift 6.3 freed
  /// what it had allocated in the wrong order.
  func blocking(_ body: @escaping @Sendable () throws -> Void) async throws {
    try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
    }
  }

  /// Waits for what is asynchronous on a thread that may be blocked.
  func waiting<Value: Sendable>(
    for body: @escaping @Sendable () async throws -> Value
  ) throws -> Value {
    let result = Mutex<Result<Value, any Error>?>(nil)
    let isThere = DispatchSemaphore(value: 0)
    Task.detached {
      let outcome: Result<Value, any Error>
      do { outcome = .success(try await body()) } catch { outcome = .failure(error) }
      result.withLock { $0 = outcome }
      isThere.signal()
    }
    isThere.wait()
    return try #require(result.withLock { $0 }).get()
  }

  /// A plain connection, for what no client of gRPC would say.
  final class RawConnection {
    private let descriptor: Int32

    init(port: Int) throws {
      descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = in_port_t(UInt16(port)).bigEndian
      address.sin_addr.s_addr = inet_addr("127.0.0.1")
      let status = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
      try #require(status == 0)
    }

    deinit { close(descriptor) }

    func send(_ bytes: [UInt8]) {
      // What the server has closed cannot be written to.
      _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    /// Reads until the server closes the connection; false if it does not in time.
    func isClosed(within seconds: Int) -> Bool {
      var time = timeval(tv_sec: seconds, tv_usec: 0)
      setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
      var buffer = [UInt8](repeating: 0, count: 4096)
      while true {
        let count = recv(descriptor, &buffer, buffer.count, 0)
        if count == 0 { return true }
        if count < 0 { return errno == ECONNRESET }
      }
    }
  }
#endif
