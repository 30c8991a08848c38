internal import Codecs
internal import Files
public import Networks
public import Splitting
internal import Synchronization
public import Tensors

/// A tail that many clients ask: checks what they send, keeps them to what they may, and computes.
///
/// It knows nothing of the protocol that requests come by. Of the tail it uses the two calls of `Tail`;
/// neither weights nor names of layers are in anything that it answers.
public final class TailService: Sendable {
  /// How requests are put together.
  public struct Batching: Hashable, Sendable {
    /// The latents of one computation; 1 computes every request alone.
    public var mostLatents: Int
    /// How long a request waits for others while nothing is computed.
    public var delay: TimeSpan

    /// Creates the way requests are put together: those that wait anyway, up to 256 latents.
    public init(mostLatents: Int = 256, delay: TimeSpan = .zero) {
      self.mostLatents = mostLatents
      self.delay = delay
    }
  }

  /// Who asks, and for how long.
  public struct Caller: Hashable, Sendable {
    /// The client, as it has shown itself to be: what it may is counted by this.
    public var client: String
    /// Tells this request apart from the client's others, and is the same when it is sent again;
    /// empty for none.
    public var request: String
    /// How long the client waits; nil for as long as the server allows.
    public var patience: Duration?

    /// Creates a caller.
    public init(client: String, request: String = "", patience: Duration? = nil) {
      self.client = client
      self.request = request
      self.patience = patience
    }
  }

  /// What is told of the tail.
  public let description: TailDescription

  private let batcher: DynamicBatcher
  private let accounts: Mutex<ClientAccounts>
  private let tally: Tally
  private let log: @Sendable (ServiceEvent) -> Void

  private final class Tally: Sendable {
    let counters = Mutex(ServiceCounters())
  }

  /// Creates a service.
  ///
  /// - Parameters:
  ///   - tail: what answers.
  ///   - limits: what clients may.
  ///   - batching: how requests are put together.
  ///   - cost: what clients are told that the tail costs; nil to tell nothing.
  ///   - threads: what computes, one request or batch of them at a time.
  ///   - log: is told what happens.
  public init(
    _ tail: any Tail, limits: ServiceLimits = ServiceLimits(), batching: Batching = Batching(),
    cost: Cost? = nil, threads: ThreadPool = .current,
    log: @escaping @Sendable (ServiceEvent) -> Void = { _ in }
  ) {
    description = TailDescription(
      latentShape: tail.latentShape, classCount: tail.classCount,
      answerMeaning: tail.answerMeaning, answerLength: tail.answerLength, cost: cost,
      limits: limits)
    accounts = Mutex(ClientAccounts(limits))
    let tally = Tally()
    self.tally = tally
    batcher = DynamicBatcher(
      tail,
      DynamicBatcher.Settings(
        mostLatents: batching.mostLatents, delay: batching.delay, queue: limits.queue),
      threads: threads
    ) { _ in tally.counters.withLock { $0.computations += 1 } }
    self.log = log
  }

  /// What was done since the service was made.
  public var counters: ServiceCounters {
    var counters = tally.counters.withLock { $0 }
    counters.clients = accounts.withLock { $0.count }
    return counters
  }

  /// The latents that wait to be computed.
  public var waitingCount: Int { batcher.waitingCount }

  /// Answers what waits and refuses what comes.
  public func close() { batcher.close() }

  // MARK: - Calls

  /// Keeps a codec's tables for a client.
  ///
  /// - Returns: what its requests call them by.
  /// - Throws: ``ServiceRefusal``.
  public func share(
    _ tables: [Int: [UInt8]], _ caller: Caller
  ) throws -> String {
    do {
      let most = 16
      guard tables.count <= most else {
        throw ServiceRefusal.tooMany(what: "tables", found: tables.count, most: most)
      }
      let now = ContinuousClock.now
      if let refusal = accounts.withLock({ $0.admit(caller.client, now: now) }) { throw refusal }
      let (read, name) = try TailService.read(tables)
      accounts.withLock { $0.keep(read, as: name, of: caller.client, now: now) }
      tally.counters.withLock { $0.answered["share", default: 0] += 1 }
      return name
    } catch let refusal as ServiceRefusal {
      throw refused(refusal, caller, "share")
    }
  }

  /// The tables of bytes, and a name that tells them from others.
  private static func read(
    _ bytes: [Int: [UInt8]]
  ) throws -> (tables: CodecTables, name: String) {
    var tables = CodecTables()
    var text = ""
    for (number, bytes) in bytes.sorted(by: { $0.key < $1.key }) {
      do throws(CodecError) {
        tables.byNumber[number] = try CodecTables(bytes, number: number).byNumber[number]
      } catch {
        throw ServiceRefusal.invalid("table \(number): \(error)")
      }
      text += "\(number):"
      for byte in bytes { text.unicodeScalars.append(Unicode.Scalar(byte)) }
    }
    return (tables, Fingerprint.of(text))
  }

  /// Takes a request's latents as they arrive.
  ///
  /// - Parameter shape: the shape of the whole batch, as its sender says.
  /// - Throws: ``ServiceRefusal`` if it is not one that is taken.
  public func arrivingLatents(shape: [Int]) throws(ServiceRefusal) -> ArrivingLatents {
    try ArrivingLatents(shape: shape, for: description)
  }

  /// The answers to latents, `[latents, length of an answer]`, of the meaning that the description
  /// says.
  ///
  /// - Throws: ``ServiceRefusal``, `CancellationError`, or what the tail throws.
  public func forward(_ sent: SentLatents, _ caller: Caller) async throws -> Tensor<Float> {
    let answer = try await answered("forward", sent, labels: nil, caller)
    guard case .answers(let answers) = answer else {
      preconditionFailure("a gradient of no labels")
    }
    return answers
  }

  /// The mean cross-entropy of latents and its gradient for them.
  ///
  /// - Throws: ``ServiceRefusal``, `CancellationError`, or what the tail throws.
  public func backward(
    _ sent: SentLatents, labels: [Int32], _ caller: Caller
  ) async throws -> TailGradient {
    let answer = try await answered("backward", sent, labels: labels, caller)
    guard case .gradient(let gradient) = answer else { preconditionFailure("no gradient") }
    return gradient
  }

  private func answered(
    _ call: String, _ sent: SentLatents, labels: [Int32]?, _ caller: Caller
  ) async throws -> DynamicBatcher.Answer {
    do {
      let allowed = Duration.seconds(description.limits.deadline.seconds)
      let deadline = ContinuousClock.now + min(caller.patience ?? allowed, allowed)
      // Decoding takes time that whoever carries messages does not have.
      let latents =
        switch sent {
        case .values: try checked(sent, labels, caller)
        case .streams:
          try await withTaskExecutorPreference(globalConcurrentExecutor) {
            try checked(sent, labels, caller)
          }
        }
      let answer = try await batcher.answer(latents, labels: labels, deadline: deadline)
      tally.counters.withLock {
        $0.answered[call, default: 0] += 1
        $0.latents += latents.shape[0]
        $0.latentBytes += sent.byteCount
      }
      return answer
    } catch let refusal as ServiceRefusal {
      throw refused(refusal, caller, call)
    } catch {
      tally.counters.withLock { $0.failed += 1 }
      if !(error is CancellationError) {
        log(ServiceEvent("failed", client: caller.client, call: call, message: "\(error)"))
      }
      throw error
    }
  }

  /// The latents, once it is known that the client may ask for them.
  private func checked(
    _ sent: SentLatents, _ labels: [Int32]?, _ caller: Caller
  ) throws -> Tensor<Float> {
    let count = sent.count
    try description.checkCount(count)
    if let labels {
      guard labels.count == count else {
        throw ServiceRefusal.invalid("\(labels.count) labels for \(count) latents")
      }
      for label in labels where label < 0 || Int(label) >= description.classCount {
        throw ServiceRefusal.invalid(
          "label \(label) is not a class of the tail, which has \(description.classCount)")
      }
    }
    let tables = try tables(sent.tablesName, of: caller.client)
    // What is malformed costs a client as much of its rate as what is not, but no gradients.
    let now = ContinuousClock.now
    if let refusal = accounts.withLock({ $0.admit(caller.client, now: now) }) { throw refusal }
    let batch = try sent.batch(of: description.latentShape, tables: tables)
    if labels != nil {
      let refusal = accounts.withLock {
        $0.charge(caller.client, gradients: count, request: caller.request, now: now)
      }
      if let refusal { throw refusal }
    }
    return batch
  }

  private func tables(
    _ name: String?, of client: String
  ) throws -> CodecTables {
    guard let name else { return .none }
    guard let tables = accounts.withLock({ $0.tables(name, of: client) }) else {
      throw ServiceRefusal.unknownTables(name)
    }
    return tables
  }

  private func refused(
    _ refusal: ServiceRefusal, _ caller: Caller, _ call: String
  ) -> ServiceRefusal {
    tally.counters.withLock { $0.refused[refusal.name, default: 0] += 1 }
    log(
      ServiceEvent(
        "refused", client: caller.client, call: call, reason: refusal.name,
        message: "\(refusal)"))
    return refusal
  }

  /// Counts a refusal that was decided outside, such as of a client without a token.
  public func note(_ refusal: ServiceRefusal, client: String, call: String) {
    _ = refused(refusal, Caller(client: client), call)
  }
}
