import ArgumentParser
import Codecs
import Recipes
import RemoteTails
import Reports
import Splitting
import Tensors
import Terminal
import Training

struct OffloadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "offload",
    abstract: "Run the device's part here and the tail on a server, and time both and the link.",
    discussion: """
      Sends the latents of images to a served tail, one image after the other as a codec's stream, and \
      shows what was measured beside what the model of the link says, the headers of TCP counted: latency \
      in its parts, bytes, and the device's energy. The device's part is a run's or a head's; images are \
      the test images of a run, a file, or the files of a folder.

      Needs a build with gRPC: swift build -c release --traits GRPC.

      Examples:
        cleave offload runs/salt --tail grpc://server:50051 --count 200
        cleave offload head.h5 photos --tail grpc://server:50051 --codec rans --bits 4
      """)

  @Argument(help: "The folder of a run, or the checkpoint of a head.")
  var head: String

  @Argument(
    help: ArgumentHelp(
      "Whose images are sent: the folder of a run, an image file, or a folder of image files. "
        + "(default: those of the head's own run)", valueName: "run-or-file"))
  var images: String?

  @Option(
    help: ArgumentHelp("The server, grpc://host:port or grpcs://host:port.", valueName: "url"))
  var tail: String

  @OptionGroup(title: "The server") var access: AccessOptions

  @Option(
    help: ArgumentHelp(
      "At most how many images, drawn evenly over the classes. (default: all)", valueName: "n"))
  var count: Int?

  @Flag(help: "Show the answer to every image.")
  var answers = false

  @OptionGroup(title: "The latents") var choice: CodecOptions

  @OptionGroup(title: "The model of the link") var link: LinkOptions

  @OptionGroup var shared: SharedOptions

  func validate() throws {
    if let count, count < 1 { throw ValidationError("--count expects 1 or more, found \(count)") }
  }

  func run() throws {
    try reporting {
      let observer = ConsoleObserver()
      defer { observer.finish() }
      var source = Experiment.OffloadSource(device: head)
      source.images = images
      source.count = count
      source.rate = link.rate
      source.roundTripTime = link.roundTripTime
      // gRPC's own.
      source.transport = .tcp
      if choice.codec != nil {
        source.codec = (
          try choice.chosen(), try choice.tables.map { try CodecCommand.tables($0) } ?? .none
        )
      }
      let remote = try TailConnection.timed(TailAddress(tail), access.access) {
        observer.noted($0)
      }
      guard let remote else { throw CommandFailure.needsGRPC }
      let report = try shared.withThreads {
        try Experiment.offload(source, to: remote, observer: observer) { image, logits, bytes in
          guard answers, !shared.json else { return }
          FileSink.standardOutput.write(
            "\(image): class \(logits.indexOfLargest ?? 0), sent \(bytes) B\n")
        }
      }
      observer.finish()
      if shared.json { return try Output.json(report) }
      write(report)
    }
  }

  private func write(_ report: Offload.Report) {
    let predicted = report.predicted
    var table = TextTable(
      header: ["an image", "median", "95 %", "99 %", "mean", "model"],
      alignments: [.left, .right, .right, .right, .right, .right])
    let link = predicted.uplink + predicted.downlink + predicted.roundTrip
    for (name, times, model) in [
      ("device", report.device, predicted.device), ("link", report.link, link),
      ("server", report.server, predicted.server), ("total", report.total, predicted.total),
    ] {
      table.append(
        [name] + [times.median, times.p95, times.p99, times.mean].map { "\($0)" } + ["\(model)"])
    }
    table.write(to: FileSink.standardOutput)
    let accuracy = report.accuracy.map { ", \(rounded(100 * $0, 2)) % answered right" } ?? ""
    FileSink.standardOutput.write("\n")
    FileSink.standardOutput.writeParagraph(
      "\(report.drawn ?? "\(report.images) images")\(accuracy); \(rounded(report.uplinkBytes, 1)) B up and "
        + "\(report.downlinkBytes) B down an image; the device spends \(report.energy) by its times, "
        + "\(report.predictedEnergy) by the model")
  }
}

/// How a server is asked.
struct AccessOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The file of the token that the server wants.", valueName: "file"))
  var tokenFile: String?

  @Option(help: ArgumentHelp("Who has signed the server's certificate, PEM.", valueName: "file"))
  var authority: String?

  @Option(help: ArgumentHelp("The device's own certificate, PEM.", valueName: "file"))
  var certificate: String?

  @Option(help: ArgumentHelp("The key of that certificate, PEM.", valueName: "file"))
  var key: String?

  /// The options as a recipe would have them.
  var access: TailAccess {
    var access = TailAccess()
    access.tokenFile = tokenFile
    access.authority = authority
    access.certificate = certificate
    access.key = key
    return access
  }
}

/// What the model knows of the link.
struct LinkOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Its rate, such as 10Mbit/s. (default: the run's)", valueName: "rate"),
    transform: { try quantity($0, "--rate") })
  var rate: DataRate?

  @Option(
    help: ArgumentHelp(
      "Its round trip time, such as 20ms. (default: the run's)", valueName: "time"),
    transform: { try quantity($0, "--round-trip-time") })
  var roundTripTime: TimeSpan?
}
