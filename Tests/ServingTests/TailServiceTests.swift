import Codecs
import Glibc
import Networks
import Serving
import Splitting
import Synchronization
import Tensors
import Testing

@Suite struct TailServiceTests {
  private static func tail() throws -> LocalTail {
    var network = try ResNet.narrow(depth: 8, classes: 5, inputShape: [8, 8, 3])
    network.initializeParameters(seed: 3)
    return LocalTail(try network.cut(at: "layer2").tail)
  }

  private static func latents(_ count: Int, of tail: any Tail, seed: UInt64 = 1) -> Tensor<Float> {
    var random = RandomSource(seed: seed)
    return random.normal(tail.latentShape.prepending(count))
  }

  /// Streams of latents, and the tables they are written with, by the number 3.
  private static func coded(
    _ count: Int, of tail: any Tail
  ) throws -> (streams: [[UInt8]], tables: [UInt8]) {
    let batch = latents(count, of: tail)
    let rows = (0..<count).map { batch.rows($0..<$0 + 1).reshaped(to: tail.latentShape) }
    let tables = try ContextTables(calibratedOn: rows, bits: 4)
    let codec = tables.codec(tableNumber: 3)
    return (try rows.map { try codec.stream($0) }, tables.bytes)
  }

  private let caller = TailService.Caller(client: "one")

  /// Runs a call that is to be refused.
  private func refusal(_ body: () async throws -> Void) async -> ServiceRefusal? {
    do { try await body() } catch { return error as? ServiceRefusal }
    return nil
  }

  @Test func answersAreTheTails() async throws {
    let tail = try Self.tail()
    let service = TailService(tail)
    defer { service.close() }
    let latents = Self.latents(4, of: tail)
    let labels: [Int32] = [0, 4, 2, 2]
    let logits = try await service.forward(.values(latents), caller)
    #expect(logits.scalars == (try tail.forward(latents)).scalars)
    let gradient = try await service.backward(.values(latents), labels: labels, caller)
    let expected = try tail.backward(latents, labels: labels)
    #expect(gradient.loss == expected.loss)
    #expect(gradient.latent.scalars == expected.latent.scalars)
    let counters = service.counters
    #expect(counters.answered == ["forward": 1, "backward": 1])
    #expect(counters.latents == 8 && counters.latentBytes == 8 * 4 * tail.latentShape.elementCount)
  }

  @Test func answersAreProbabilitiesWhereTheFileGivesThem() async throws {
    var builder = NetworkBuilder(shape: [4])
    let logit = builder.add("fc", LinearLayer(4, 1), after: "input")
    let end = builder.add("sigmoid", ActivationLayer(.sigmoid), after: logit)
    var file = try builder.network(name: "binary", outputs: [end])
    file.initializeParameters(seed: 3)
    let service = TailService(try LocalTail(ClassAnswers(of: file)))
    defer { service.close() }
    #expect(service.description.answerMeaning == .independentProbabilities)
    #expect(service.description.answerLength == 1 && service.description.classCount == 2)
    let latents = Tensor<Float>([2, 4], [1, 2, -3, 4, 0.5, -1, 1, 0])
    let answers = try await service.forward(.values(latents), caller)
    #expect(answers == file.predict(latents))
    // Binary cross-entropy of the probability of the second class.
    let probabilities = answers.scalars
    let gradient = try await service.backward(.values(latents), labels: [1, 0], caller)
    let expected = -(log(probabilities[0]) + log(1 - probabilities[1])) / 2
    #expect(abs(gradient.loss - expected) < 1e-6)
  }

  @Test func latentsComeAsAnyCodecsStreams() async throws {
    let tail = try Self.tail()
    let service = TailService(tail)
    defer { service.close() }
    let batch = Self.latents(3, of: tail)
    let codec = PackedCodec(bits: 6)
    let rows = (0..<3).map { batch.rows($0..<$0 + 1).reshaped(to: tail.latentShape) }
    let streams = try rows.map { try codec.stream($0) }
    let logits = try await service.forward(.streams(streams, tables: nil), caller)
    let received = try codec.transmitted(batch).received
    #expect(logits.scalars == (try tail.forward(received)).scalars)
  }

  @Test func tablesAreSharedOnceAndServeManyRequests() async throws {
    let tail = try Self.tail()
    let service = TailService(tail)
    defer { service.close() }
    let (streams, tables) = try Self.coded(6, of: tail)
    let name = try service.share([3: tables], caller)
    for _ in 0..<2 {
      let logits = try await service.forward(.streams(streams, tables: name), caller)
      #expect(logits.shape == [6, 5])
    }
  }

  @Test func tablesAreTheClientsOwn() async throws {
    let tail = try Self.tail()
    let service = TailService(tail)
    defer { service.close() }
    let (streams, tables) = try Self.coded(1, of: tail)
    let name = try service.share([3: tables], caller)
    let stranger = TailService.Caller(client: "two")
    let found = await refusal {
      _ = try await service.forward(.streams(streams, tables: name), stranger)
    }
    #expect(found == .unknownTables(name))
  }

  @Test func tablesThatAreNoneAreRefused() throws {
    let service = TailService(try Self.tail())
    defer { service.close() }
    #expect(throws: ServiceRefusal.self) { try service.share([0: [1, 2, 3]], caller) }
  }

  @Test func theOldestTablesGoWhenThereAreTooMany() throws {
    let tail = try Self.tail()
    var limits = ServiceLimits()
    limits.tables = 2
    let service = TailService(tail, limits: limits)
    defer { service.close() }
    let tables = try Self.coded(1, of: tail).tables
    let names = try (0..<3).map { try service.share([$0: tables], caller) }
    #expect(Set(names).count == 3)
  }

  @Test func whatIsWrongIsRefusedWithAReason() async throws {
    let tail = try Self.tail()
    var limits = ServiceLimits()
    limits.batchSize = 4
    let service = TailService(tail, limits: limits)
    defer { service.close() }
    let bytes = [UInt8](repeating: 0, count: 4 * tail.latentShape.elementCount)
    let batch = tail.latentShape.prepending(1)
    let one = SentLatents.values(Tensor(batch, repeating: 0))
    let cases: [(SentLatents, [Int32]?, String)] = [
      (.values(Tensor(tail.latentShape.prepending(0), repeating: 0)), nil, "there are no latents"),
      (.values(Tensor([], repeating: 0)), nil, "there are no latents"),
      (
        .values(Tensor([1, 2, 3], repeating: 0)), nil,
        "are taken, found a batch of shape [1, 2, 3]"
      ),
      (
        .values(Tensor(tail.latentShape.prepending(5), repeating: 0)), nil,
        "5 latents at once, at most 4"
      ),
      (one, [0, 1], "2 labels for 1 latents"),
      (one, [5], "label 5 is not a class"),
      (one, [-1], "label -1 is not a class"),
      (.streams([[1, 2, 3]], tables: nil), nil, "stream 0"),
      (
        .streams([try IdentityCodec().stream(Tensor([1], repeating: 0))], tables: nil), nil,
        "stream 0"
      ),
      (
        .streams([bytes], tables: "nothing of this name is here"), nil,
        "no codec tables nothing of this"
      ),
    ]
    for (sent, labels, expected) in cases {
      let found = await refusal {
        if let labels {
          _ = try await service.backward(sent, labels: labels, caller)
        } else {
          _ = try await service.forward(sent, caller)
        }
      }
      #expect("\(try #require(found))".contains(expected), "\(found as Any)")
    }
    #expect(service.counters.refused.values.reduce(0, +) == cases.count)
    #expect(service.counters.computations == 0)
  }

  @Test func latentsThatArriveInPiecesAreTheBatch() throws {
    let tail = try Self.tail()
    let service = TailService(tail)
    defer { service.close() }
    let batch = Self.latents(2, of: tail)
    let bytes = SinglePrecision.bytes(of: batch)
    var arriving = try service.arrivingLatents(shape: batch.shape.dimensions)
    // Pieces that end within a value, and one that is empty.
    for piece in [bytes[..<5], bytes[5..<5], bytes[5..<11], bytes[11...]] {
      try arriving.append(piece.span.bytes)
    }
    guard case .values(let found) = try arriving.latents() else {
      Issue.record("no values")
      return
    }
    #expect(found.shape == batch.shape)
    #expect(found.scalars == batch.scalars)
  }

  @Test func latentsThatAreNotWantedAreRefusedAsTheyArrive() throws {
    let tail = try Self.tail()
    var limits = ServiceLimits()
    limits.batchSize = 4
    let byteCount = 4 * tail.latentShape.elementCount
    limits.requestSize = ByteCount(2 * byteCount)
    let service = TailService(tail, limits: limits)
    defer { service.close() }
    let dimensions = tail.latentShape.dimensions
    let shapes: [([Int], String)] = [
      ([], "there are no latents"), ([0] + dimensions, "there are no latents"),
      ([-1] + dimensions, "there are no latents"),
      ([5] + dimensions, "5 latents at once, at most 4"),
      ([1 << 40] + dimensions, "at most 4"), ([1, 2, 3], "found a batch of shape [1, 2, 3]"),
      ([3] + dimensions, "\(3 * byteCount) bytes at once, at most \(2 * byteCount)"),
    ]
    for (shape, expected) in shapes {
      do throws(ServiceRefusal) {
        _ = try service.arrivingLatents(shape: shape)
        Issue.record("\(shape) is taken")
      } catch {
        #expect("\(error)".contains(expected), "\(error)")
      }
    }
    let bytes = [UInt8](repeating: 0, count: byteCount)
    do throws(ServiceRefusal) {
      var arriving = try service.arrivingLatents(shape: [1] + dimensions)
      try arriving.append(bytes.span.bytes)
      try arriving.append([UInt8(1)].span.bytes)
      Issue.record("too many bytes are taken")
    } catch {
      #expect("\(error)".contains("take \(byteCount) bytes, found \(byteCount + 1) or more"))
    }
    do throws(ServiceRefusal) {
      var arriving = try service.arrivingLatents(shape: [2] + dimensions)
      try arriving.append(bytes.span.bytes)
      _ = try arriving.latents()
      Issue.record("too few bytes are taken")
    } catch {
      #expect("\(error)".contains("take \(2 * byteCount) bytes, found \(byteCount)"))
    }
  }

  @Test func gradientsAreCountedOnceARequest() async throws {
    let tail = try Self.tail()
    var limits = ServiceLimits()
    limits.gradients = 5
    let service = TailService(tail, limits: limits)
    defer { service.close() }
    let sent = SentLatents.values(Self.latents(2, of: tail))
    func ask(_ request: String, client: String = "one") async -> ServiceRefusal? {
      await refusal {
        _ = try await service.backward(
          sent, labels: [0, 1], TailService.Caller(client: client, request: request))
      }
    }
    #expect(await ask("a") == nil)
    #expect(await ask("a") == nil, "sent again")
    #expect(await ask("b") == nil)
    #expect(await ask("c") == .gradientsSpent(allowed: 5))
    #expect(await ask("c", client: "two") == nil, "each client has its own")
    _ = try await service.forward(sent, caller)
  }

  @Test func aClientThatAsksTooFastIsToldWhenToComeAgain() async throws {
    let tail = try Self.tail()
    var limits = ServiceLimits()
    // Slow enough that nothing comes back to the allowance while the test waits for its turn.
    limits.rate = 1 / 3600
    let service = TailService(tail, limits: limits)
    defer { service.close() }
    let sent = SentLatents.values(Self.latents(1, of: tail))
    #expect(await refusal { _ = try await service.forward(sent, caller) } == nil)
    let refused = try #require(
      await refusal { _ = try await service.forward(sent, caller) })
    #expect(refused.name == "too_fast")
    let time = try #require(refused.retryAfter)
    #expect(time > .seconds(1800) && time <= .seconds(3600))
    let other = TailService.Caller(client: "two")
    #expect(await refusal { _ = try await service.forward(sent, other) } == nil)
  }

  // MARK: - Together

  /// Limits of a service whose requests may wait as long as the test does.
  private static let patient: ServiceLimits = {
    var limits = ServiceLimits()
    limits.deadline = .seconds(600)
    return limits
  }()

  /// A tail that says how many latents it was given, and waits until it may go on.
  private final class GatedTail: Tail {
    let latentShape: Shape = [2]
    let classCount = 1
    let sizes = Mutex<[Int]>([])
    private let gate = Mutex(false)

    func open() { gate.withLock { $0 = true } }

    func forward(_ latent: Tensor<Float>) throws -> Tensor<Float> {
      sizes.withLock { $0.append(latent.shape[0]) }
      while !gate.withLock({ $0 }) { usleep(500) }
      let values = latent.scalars
      return Tensor(
        [latent.shape[0], 1], (0..<latent.shape[0]).map { values[2 * $0] + values[2 * $0 + 1] })
    }

    func backward(_ latent: Tensor<Float>, labels: [Int32]) throws -> TailGradient {
      TailGradient(loss: 0, latent: latent)
    }
  }

  /// Waits until something is so; fails only after minutes, since other tests may keep every thread busy.
  private func wait(until condition: () -> Bool) async throws {
    let end = ContinuousClock.now + .seconds(300)
    while !condition() {
      guard ContinuousClock.now < end else {
        Issue.record("it never came to be")
        return
      }
      try await Task.sleep(for: .milliseconds(2))
    }
  }

  private func one(_ value: Float) -> SentLatents {
    .values(Tensor<Float>([1, 2], repeating: value))
  }

  @Test(arguments: [8, 1]) func whatWaitsTogetherIsComputedTogether(most: Int) async throws {
    let tail = GatedTail()
    let service = TailService(
      tail, limits: Self.patient, batching: TailService.Batching(mostLatents: most))
    defer { service.close() }
    let caller = caller
    let sums = try await withThrowingTaskGroup(of: (Int, Float).self) { group in
      group.addTask { (0, try await service.forward(one(0), caller).item) }
      try await wait { tail.sizes.withLock { $0.count } == 1 }
      for index in 1...5 {
        group.addTask { (index, try await service.forward(one(Float(index)), caller).item) }
      }
      try await wait { service.waitingCount == 5 }
      tail.open()
      return try await group.reduce(into: [Int: Float]()) { $0[$1.0] = $1.1 }
    }
    #expect(sums == [0: 0, 1: 2, 2: 4, 3: 6, 4: 8, 5: 10], "each gets its own answer")
    #expect(tail.sizes.withLock { $0 } == (most == 8 ? [1, 5] : [1, 1, 1, 1, 1, 1]))
    #expect(service.counters.computations == (most == 8 ? 2 : 6))
  }

  @Test func aFullQueueRefuses() async throws {
    let tail = GatedTail()
    var limits = Self.patient
    limits.queue = 2
    let service = TailService(tail, limits: limits)
    defer { service.close() }
    let caller = caller
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { _ = try await service.forward(one(0), caller) }
      try await wait { tail.sizes.withLock { $0.count } == 1 }
      for _ in 0..<2 { group.addTask { _ = try await service.forward(one(1), caller) } }
      try await wait { service.waitingCount == 2 }
      let found = await refusal { _ = try await service.forward(one(2), caller) }
      #expect(found?.name == "busy" && found?.retryAfter != nil)
      tail.open()
      try await group.waitForAll()
    }
  }

  @Test func whatIsCancelledOrTooLateIsNotComputed() async throws {
    let tail = GatedTail()
    let service = TailService(
      tail, limits: Self.patient, batching: TailService.Batching(mostLatents: 1))
    defer { service.close() }
    let caller = caller
    let first = Task { _ = try await service.forward(one(0), caller) }
    try await wait { tail.sizes.withLock { $0.count } == 1 }
    let cancelled = Task { _ = try await service.forward(one(1), caller) }
    let late = Task {
      _ = try await service.forward(
        one(2), TailService.Caller(client: "one", patience: .milliseconds(1)))
    }
    try await wait { service.waitingCount == 2 }
    cancelled.cancel()
    await #expect(throws: CancellationError.self) { try await cancelled.value }
    #expect(service.waitingCount == 1)
    try await Task.sleep(for: .milliseconds(5))
    tail.open()
    await #expect(throws: ServiceRefusal.expired) { try await late.value }
    try await first.value
    #expect(tail.sizes.withLock { $0 } == [1])
  }

  @Test func whatWaitsIsAnsweredWhenTheServiceCloses() async throws {
    let tail = GatedTail()
    let service = TailService(tail, limits: Self.patient)
    let caller = caller
    let first = Task { try await service.forward(one(0), caller).item }
    try await wait { tail.sizes.withLock { $0.count } == 1 }
    let tasks =
      [first]
      + [1, 2].map { value in Task { try await service.forward(one(value), caller).item } }
    try await wait { service.waitingCount == 2 }
    service.close()
    await #expect(throws: ServiceRefusal.closing) { _ = try await service.forward(one(9), caller) }
    tail.open()
    for (index, task) in tasks.enumerated() { #expect(try await task.value == 2 * Float(index)) }
  }

  private struct Broken: Error {}

  private final class FailingTail: Tail {
    let latentShape: Shape = [1]
    let classCount = 1

    func forward(_ latent: Tensor<Float>) throws -> Tensor<Float> {
      if latent.scalars.contains(1) { throw Broken() }
      return latent
    }

    func backward(_ latent: Tensor<Float>, labels: [Int32]) throws -> TailGradient {
      throw Broken()
    }
  }

  @Test func aTailThatFailsFailsItsRequestsAndNoOthers() async throws {
    let events = Mutex<[ServiceEvent]>([])
    let service = TailService(FailingTail()) { event in events.withLock { $0.append(event) } }
    defer { service.close() }
    let caller = caller
    func ask(_ value: Float) async throws -> Float {
      try await service.forward(.values(Tensor<Float>([1, 1], repeating: value)), caller).item
    }
    await #expect(throws: Broken.self) { _ = try await ask(1) }
    #expect(try await ask(2) == 2)
    #expect(service.counters.failed == 1)
    let line = try #require(events.withLock { $0.first }).line
    #expect(line.hasPrefix(#"{"call":"forward","client":"one","event":"failed","#))
  }
}
