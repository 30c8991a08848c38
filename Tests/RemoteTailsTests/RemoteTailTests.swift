#if GRPC
  import Codecs
  import Foundation
  import Networks
  import RemoteTails
  import Serving
  import Splitting
  import Synchronization
  import Tensors
  import Testing

  @Suite(.serialized) struct RemoteTailTests {
    /// What a client has noted.
    private final class Notes: Sendable {
      private let notes = Mutex<[String]>([])

      var all: [String] { notes.withLock { $0 } }

      func add(_ note: String) { notes.withLock { $0.append(note) } }
    }

    /// The names of test files with the server's and the clients' certificates.
    private static func fixture(_ name: String) throws -> String {
      try #require(
        Bundle.module.path(forResource: "Fixtures/\(name)", ofType: nil), "no fixture \(name)")
    }

    private static func file(_ text: String) throws -> String {
      let path = NSTemporaryDirectory() + UUID().uuidString
      try text.write(toFile: path, atomically: true, encoding: .utf8)
      return path
    }

    /// The second batch takes several messages each way.
    @Test(arguments: [6, 300])
    func answersAreThoseOfTheTailBitForBit(count: Int) async throws {
      try await blocking {
        let fixture = try Fixture()
        let remote = try RemoteTail(fixture.address)
        #expect(remote.latentShape == fixture.tail.latentShape)
        #expect(remote.classCount == 5)
        #expect(remote.cost == Cost(macs: 7, parameters: 5))
        let latents = fixture.latents(count)
        #expect(latents.byteCount > 500_000 || count == 6)
        let labels = (0..<count).map { Int32($0 % 5) }
        let logits = try remote.forward(latents)
        #expect(logits.scalars == (try fixture.tail.forward(latents)).scalars)
        let gradient = try remote.backward(latents, labels: labels)
        let expected = try fixture.tail.backward(latents, labels: labels)
        #expect(gradient.loss == expected.loss)
        #expect(gradient.latent.scalars == expected.latent.scalars)
        try fixture.stop()
      }
    }

    @Test(arguments: [
      (5, SoftmaxLayer() as any Layer, OutputMeaning.probabilities),
      (5, ActivationLayer(.sigmoid), .independentProbabilities),
      (1, ActivationLayer(.sigmoid), .independentProbabilities),
    ])
    func logitsAreMadeOfTheProbabilitiesThatAreServed(
      length: Int, ending: any Layer, meaning: OutputMeaning
    ) async throws {
      var builder = NetworkBuilder(shape: [4])
      let value = builder.add("fc", LinearLayer(4, length), after: "input")
      let end = builder.add("end", ending, after: value)
      var file = try builder.network(name: "file", outputs: [end])
      file.initializeParameters(seed: 6)
      let answers = try ClassAnswers(of: file)
      try await blocking { [answers] in
        let fixture = try Fixture(tail: LocalTail(answers))
        let notes = Mutex<[String]>([])
        let remote = try RemoteTail(fixture.address) { note in notes.withLock { $0.append(note) } }
        #expect(remote.servedMeaning == meaning && remote.classCount == max(length, 2))
        #expect(notes.withLock { $0 }.contains { $0.contains(meaning.words) })
        let latents = fixture.latents(3)
        let found = try remote.forward(latents)
        let expected = try fixture.tail.forward(latents)
        #expect(found.shape == expected.shape)
        // Logits are known up to a constant for each sample.
        let classes = found.shape[1]
        for row in 0..<3 {
          let first = row * classes
          for index in first..<first + classes {
            let own = found.scalars[index] - found.scalars[first]
            #expect(abs(own - (expected.scalars[index] - expected.scalars[first])) < 1e-5)
          }
        }
        let gradient = try remote.backward(latents, labels: [0, 1, 1])
        #expect(gradient.loss == (try fixture.tail.backward(latents, labels: [0, 1, 1])).loss)
        try fixture.stop()
      }
    }

    @Test func moreThanAMessageTakesGoesInSeveral() async throws {
      try await blocking {
        var limits = ServiceLimits()
        limits.batchSize = 4
        let fixture = try Fixture(limits: limits)
        let remote = try RemoteTail(fixture.address)
        let latents = fixture.latents(10)
        let labels = (0..<10).map { Int32($0 % 5) }
        let logits = try remote.forward(latents)
        let gradient = try remote.backward(latents, labels: labels)
        #expect(fixture.service.counters.answered == ["forward": 3, "backward": 3])
        let expected = try fixture.tail.backward(latents, labels: labels)
        #expect(abs(gradient.loss - expected.loss) < 1e-5)
        for (found, wanted) in zip(gradient.latent.scalars, expected.latent.scalars) {
          #expect(abs(found - wanted) < 1e-6)
        }
        for (found, wanted) in zip(logits.scalars, try fixture.tail.forward(latents).scalars) {
          #expect(abs(found - wanted) < 1e-4)
        }
        try fixture.stop()
      }
    }

    @Test func streamsOfACodecAreAnsweredAndTimed() async throws {
      try await blocking {
        let fixture = try Fixture()
        let remote = try RemoteTail(fixture.address)
        let codec = RANSCodec(bits: 4)
        let latents = fixture.latents(2)
        let streams = try (0..<2).map {
          try codec.stream(latents.rows($0..<$0 + 1).reshaped(to: remote.latentShape))
        }
        let answer = try remote.answer(.streams(streams, tables: nil))
        let read = try SentLatents.streams(streams, tables: nil).batch(
          of: remote.latentShape, tables: .none)
        #expect(answer.logits.scalars == (try fixture.tail.forward(read)).scalars)
        #expect(answer.served > .zero)
        try fixture.stop()
      }
    }

    @Test func whatDoesNotFitIsNotSent() async throws {
      try await blocking {
        let fixture = try Fixture()
        let remote = try RemoteTail(fixture.address)
        #expect(throws: TailError.self) { try remote.forward(Tensor([1, 2], repeating: 0)) }
        let latents = fixture.latents(2)
        #expect(throws: TailError.labelCount(expected: 2, found: 1)) {
          try remote.backward(latents, labels: [0])
        }
        #expect(fixture.service.counters.answered == [:])
        try fixture.stop()
      }
    }

    @Test func onlyClientsWithATokenAreAnswered() async throws {
      try await blocking {
        let tokens = try Self.file("# who may\nalice  0123456789abcdef\n\nbob fedcba9876543210\n")
        var limits = ServiceLimits()
        limits.gradients = 3
        let fixture = try Fixture(limits: limits) {
          $0.tokens = try ClientTokens(contentsOf: tokens)
        }
        func connect(_ token: String?) throws -> RemoteTail {
          var access = TailAccess()
          access.tokenFile = try token.map { try Self.file($0 + "\n") }
          let client = access
          return try RemoteTail(fixture.address, client)
        }
        for token in [nil, "0123456789abcdeX"] {
          #expect(throws: RemoteTailError.self) { _ = try connect(token) }
        }
        #expect(fixture.service.counters.refused["unauthenticated"] == 2)
        let alice = try connect("0123456789abcdef")
        let bob = try connect("fedcba9876543210")
        let latents = fixture.latents(2)
        _ = try alice.backward(latents, labels: [0, 1])
        do {
          _ = try alice.backward(latents, labels: [0, 1])
          Issue.record("gradients were given that were spent")
        } catch {
          #expect("\(error)".contains("refuses: all 3 gradients that are allowed have been given"))
        }
        _ = try bob.backward(latents, labels: [0, 1])
        try fixture.stop()
      }
    }

    @Test(arguments: ["alice", "alice short", "alice 0123456789abcdef more", "# nobody"])
    func filesThatAreNoTokensAreRefused(text: String) throws {
      let path = try Self.file(text + "\n")
      #expect(throws: TailServerError.self) { try ClientTokens(contentsOf: path) }
    }

    @Test func aServerThatIsRestartedIsWaitedFor() async throws {
      try await blocking {
        let first = try Fixture()
        let notes = Notes()
        let remote = try RemoteTail(first.address) { notes.add($0) }
        let latents = first.latents(3)
        let expected = try remote.forward(latents)
        try first.stop()
        for _ in 0..<3 {
          // While the client already asks.
          let next = Mutex<Fixture?>(nil)
          let isUp = DispatchSemaphore(value: 0)
          Thread.detachNewThread {
            Thread.sleep(forTimeInterval: 0.3)
            next.withLock { $0 = try? Fixture(port: first.port) }
            isUp.signal()
          }
          #expect(try remote.forward(latents).scalars == expected.scalars)
          isUp.wait()
          try #require(next.withLock { $0 }).stop()
        }
        #expect(notes.all.contains { $0.contains("does not answer") })
      }
    }

    @Test func tablesAreSharedAgainWithAServerThatIsRestarted() async throws {
      try await blocking {
        let first = try Fixture()
        let remote = try RemoteTail(first.address)
        let latents = first.latents(4)
        let samples = (0..<4).map {
          latents.rows($0..<$0 + 1).reshaped(to: remote.latentShape)
        }
        let tables = try ContextTables(calibratedOn: samples, bits: 4)
        let stream = try ContextCodec(tables, tableNumber: 0).stream(samples[0])
        let name = try remote.share([0: tables.bytes])
        let expected = try remote.answer(.streams([stream], tables: name)).logits.scalars
        try first.stop()
        let next = try Fixture(port: first.port)
        #expect(
          try remote.answer(.streams([stream], tables: name)).logits.scalars == expected)
        #expect(next.service.counters.refused["unknown_tables"] == 1)
        #expect(throws: RemoteTailError.self) {
          try remote.answer(.streams([stream], tables: "unheard of"))
        }
        try next.stop()
      }
    }

    @Test func patienceEnds() async throws {
      try await blocking {
        let fixture = try Fixture()
        var access = TailAccess()
        access.patience = .milliseconds(400)
        let client = access
        let remote = try RemoteTail(fixture.address, client)
        let latents = fixture.latents(1)
        try fixture.stop()
        do {
          _ = try remote.forward(latents)
          Issue.record("there was an answer")
        } catch {
          #expect("\(error)".contains("has not answered for"), "\(error)")
        }
      }
    }

    // MARK: - Encrypted

    @Test func certificatesAreAskedForOnBothSides() async throws {
      try await blocking {
        let authority = try Self.fixture("authority.pem")
        let fixture = try Fixture {
          $0.certificate = try Self.fixture("server.pem")
          $0.key = try Self.fixture("server.key")
          $0.clientAuthority = authority
        }
        let address = try TailAddress("grpcs://localhost:\(fixture.port)")
        var access = TailAccess()
        access.authority = authority
        access.patience = .milliseconds(300)
        let stranger = access
        #expect(throws: RemoteTailError.self) {
          try RemoteTail(address, stranger)
        }
        access.certificate = try Self.fixture("client.pem")
        access.key = try Self.fixture("client.key")
        access.patience = .seconds(30)
        let known = access
        let remote = try RemoteTail(address, known)
        let latents = fixture.latents(2)
        let logits = try remote.forward(latents)
        #expect(logits.scalars == (try fixture.tail.forward(latents)).scalars)
        access.authority = nil
        access.patience = .milliseconds(300)
        let trusting = access
        #expect(throws: RemoteTailError.self, "no authority of the system signed it") {
          try RemoteTail(address, trusting)
        }
        try fixture.stop()
      }
    }

    @Test func filesOfCertificatesGoWithEncryption() async throws {
      try await blocking {
        var access = TailAccess()
        access.authority = "authority.pem"
        let client = access
        #expect(throws: RemoteTailError.self) {
          try RemoteTail(TailAddress("grpc://127.0.0.1:1"), client)
        }
      }
    }

    // MARK: - Hostile

    @Test func bytesThatAreNoHTTPDisturbNobody() async throws {
      try await blocking {
        let fixture = try Fixture()
        var random = RandomSource(seed: 4)
        let garbage = (0..<4096).map { _ in UInt8(random.index(below: 256)) }
        let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
        let connections = try [garbage, preface + garbage, Array("GET / HTTP/1.1\r\n\r\n".utf8)].map
        {
          let connection = try RawConnection(port: fixture.port)
          connection.send($0)
          return connection
        }
        for connection in connections { #expect(connection.isClosed(within: 20)) }
        let remote = try RemoteTail(fixture.address)
        _ = try remote.forward(fixture.latents(1))
        try fixture.stop()
      }
    }

    /// How much of a request of two latents comes before nothing more does.
    enum Start: CaseIterable {
      case headers, halfOfAMessage, theFirstMessage
    }

    @Test(arguments: Start.allCases)
    func aRequestThatIsNotGoneOnWithRunsOutOfItsTime(start: Start) async throws {
      try await blocking {
        var limits = ServiceLimits()
        limits.deadline = .milliseconds(300)
        let fixture = try Fixture(limits: limits)
        let remote = try RemoteTail(fixture.address)
        let shape = [2] + fixture.tail.latentShape.dimensions.map(UInt8.init)
        let extents = [0x0A, UInt8(shape.count)] + shape
        let latents = [0x0A, UInt8(extents.count)] + extents
        let values: [UInt8] = [0x7A, 4, 0, 0, 0, 0]
        let first = [0x0A, UInt8(latents.count)] + latents + values
        let request = RawRequest(call: "Backward")
        let sent: [UInt8] =
          switch start {
          case .headers: []
          case .halfOfAMessage: request.message(first, sent: 12)
          case .theFirstMessage: request.message(first)
          }
        var slow: RawConnection? = try RawConnection(port: fixture.port)
        slow?.send(request.beginning + sent)
        let end = ContinuousClock.now + .seconds(10)
        while fixture.service.counters.refused.isEmpty, .now < end {
          _ = try remote.forward(fixture.latents(1))
        }
        #expect(fixture.service.counters.refused == ["expired": 1])
        _ = try remote.forward(fixture.latents(1))
        // A server that is to stop waits for clients to say that they know.
        slow = nil
        try fixture.stop()
      }
    }

    @Test func connectionsThatAskNothingAreClosed() async throws {
      try await blocking {
        let fixture = try Fixture { $0.silence = .milliseconds(300) }
        let silent = try RawConnection(port: fixture.port)
        let remote = try RemoteTail(fixture.address)
        #expect(silent.isClosed(within: 20))
        // Who has asked stays.
        _ = try remote.forward(fixture.latents(1))
        #expect(fixture.server.connectionCount == 1)
        try fixture.stop()
      }
    }

    @Test func connectionsBeyondTheLimitAreClosed() async throws {
      try await blocking {
        let fixture = try Fixture { $0.connections = 3 }
        let remote = try RemoteTail(fixture.address)
        let all = try (0..<6).map { _ in try RawConnection(port: fixture.port) }
        #expect(all.filter { $0.isClosed(within: 2) }.count == 4)
        _ = try remote.forward(fixture.latents(1))
        withExtendedLifetime(all) {}
        try fixture.stop()
      }
    }
  }
#endif
