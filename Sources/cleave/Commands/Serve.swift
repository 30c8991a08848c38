import ArgumentParser
import Networks
import Serving
import Splitting
import Terminal

struct Serve: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Serve a tail: answer for it, and show nothing else of it.",
    discussion: """
      Clients name the server in their recipes (network.tail: grpc://host:port) and get answers and \
      gradients for the latents they send; neither weights nor names of layers leave the server. \
      Answers are what the file gives, logits or probabilities, and clients are told which. \
      What waits together is computed together. Each event is a line of JSON on standard output.

      Ctrl-C or SIGTERM answers what is under way, refuses what comes, and ends with status 0; a \
      second one ends at once. Needs a build with gRPC: swift build -c release --traits GRPC.

      Examples:
        cleave serve tail.h5
        cleave serve tail.h5 --listen 0.0.0.0:50051 --certificate server.pem \\
          --key server.key --tokens tokens.txt --rate 100 --gradients 1000000
      """)

  @Argument(help: "The checkpoint of the tail, such as `cleave split` writes.")
  var tail: String

  @OptionGroup var source: CheckpointOptions

  @OptionGroup var outputs: OutputChoiceOptions

  @Option(
    help: ArgumentHelp("Where to listen; port 0 takes any that is free.", valueName: "host:port"))
  var listen = "127.0.0.1:50051"

  @OptionGroup(title: "Clients") var clients: ClientOptions

  @OptionGroup(title: "Limits") var limits: LimitOptions

  @OptionGroup(title: "Computing") var computing: ServiceComputingOptions

  func validate() throws { _ = try address() }

  /// The host and the port to listen at.
  func address() throws -> (host: String, port: Int) {
    guard let (host, port) = TailAddress.hostAndPort(listen) else {
      throw ValidationError(
        "--listen expects host:port, such as 127.0.0.1:50051, found '\(listen)'")
    }
    return (host == "localhost" ? "127.0.0.1" : host, port)
  }

  func run() throws {
    try reporting {
      #if GRPC
        try serve()
      #else
        throw CommandFailure.needsGRPC
      #endif
    }
  }
}

/// How clients of a served tail are known.
struct ClientOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A PEM file with the server's certificate; connections are encrypted with TLS.",
      valueName: "file"))
  var certificate: String?

  @Option(help: ArgumentHelp("A PEM file with the certificate's key.", valueName: "file"))
  var key: String?

  @Option(
    help: ArgumentHelp(
      "A PEM file with who signs the clients' certificates, which they then have to show.",
      valueName: "file"))
  var clientAuthority: String?

  @Option(
    help: ArgumentHelp(
      "A file with a client's name and its bearer token on each line; no other client is answered.",
      valueName: "file"))
  var tokens: String?

  func validate() throws {
    if (certificate == nil) != (key == nil) {
      throw ValidationError("--certificate and --key belong together")
    }
    if clientAuthority != nil, certificate == nil {
      throw ValidationError("--client-authority needs --certificate and --key")
    }
  }
}

/// What a server of a tail allows.
struct LimitOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Latents in one request.", valueName: "n"))
  var batchSize = ServiceLimits().batchSize

  @Option(
    help: ArgumentHelp("The size of one request. (default: 64 MiB)", valueName: "bytes"),
    transform: { try quantity($0, "--request-size") })
  var requestSize = ServiceLimits().requestSize

  @Option(help: ArgumentHelp("Latents that may wait, of all clients.", valueName: "n"))
  var queue = ServiceLimits().queue

  @Option(
    help: ArgumentHelp("Requests a second of one client. (default: any)", valueName: "n"))
  var rate: Double?

  @Option(
    help: ArgumentHelp(
      "Latents whose gradients one client may ask for. (default: any)", valueName: "n"))
  var gradients: Int?

  @Option(
    help: ArgumentHelp(
      "How long a request may wait and be computed. (default: 60 s)", valueName: "time"),
    transform: { try quantity($0, "--deadline") })
  var deadline = ServiceLimits().deadline

  @Option(help: ArgumentHelp("Connections at once.", valueName: "n"))
  var connections = 1024

  var limits: ServiceLimits {
    var limits = ServiceLimits()
    limits.batchSize = batchSize
    limits.requestSize = requestSize
    limits.queue = queue
    limits.rate = rate
    limits.gradients = gradients
    limits.deadline = deadline
    return limits
  }

  func validate() throws {
    for (name, value) in [
      ("--batch-size", batchSize), ("--queue", queue), ("--connections", connections),
    ] where !(1...1_000_000_000).contains(value) {
      throw ValidationError("\(name) expects 1 or more, found \(value)")
    }
    if let rate, !(rate > 0 && rate.isFinite) {
      throw ValidationError("--rate expects a number above 0, found \(rate)")
    }
    if let gradients, gradients < 0 {
      throw ValidationError("--gradients expects 0 or more, found \(gradients)")
    }
    if deadline == .zero { throw ValidationError("--deadline expects a time above zero") }
    // What HTTP/2's and gRPC's own framing can express.
    if !(1024...1 << 31).contains(requestSize.bytes) {
      throw ValidationError("--request-size expects 1 KiB to 2 GiB, found \(requestSize)")
    }
  }
}

/// How a server of a tail computes.
struct ServiceComputingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Latents to compute together; 1 computes every request alone.", valueName: "n"))
  var together = TailService.Batching().mostLatents

  @Option(
    help: ArgumentHelp(
      "How long a request waits for others while nothing is computed. (default: 0 s)",
      valueName: "time"),
    transform: { try quantity($0, "--wait") })
  var wait = TailService.Batching().delay

  @Flag(help: "Tell clients how many multiply-accumulates and parameters the tail has.")
  var tellCost = false

  @Option(
    help: ArgumentHelp(
      "How often the counters are printed; 0 s for never. (default: 60 s)", valueName: "time"),
    transform: { try quantity($0, "--counters") })
  var counters = TimeSpan.seconds(60)

  @OptionGroup var threads: ThreadOptions

  func validate() throws {
    if together < 1 { throw ValidationError("--together expects 1 or more, found \(together)") }
  }
}
