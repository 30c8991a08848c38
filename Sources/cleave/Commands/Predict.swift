import ArgumentParser
import Foundation
import Recipes
import Reports
import Terminal

struct Predict: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Answer image files by a run or a checkpoint.",
    discussion: """
      Prints for every image the most probable classes, or the answer to every task. A run answers \
      as it is deployed: the device's part, the bytes that are sent, the server's part; the bytes \
      are printed, too. A checkpoint answers in one piece. Images are brought to the size that the \
      network takes.

      An image that cannot be read is named on standard error and passed over, and the exit status \
      is 1 in the end; with --stop it ends the command.

      Examples:
        cleave predict runs/salt photos --top 1
        cleave predict net.h5 cat.jpg dog.png --input-scale 255 --json
      """)

  @Argument(
    help: ArgumentHelp("The folder of a run, or a checkpoint.", valueName: "run|checkpoint"))
  var subject: String

  @Argument(help: ArgumentHelp("Image files, and folders of them.", valueName: "image"))
  var images: [String]

  @Option(help: ArgumentHelp("The most classes of an answer, best first.", valueName: "n"))
  var top = 3

  @Flag(help: "End at the first image that cannot be read.")
  var stop = false

  @OptionGroup var source: CheckpointOptions

  @OptionGroup var input: InputOptions

  @OptionGroup var outputs: OutputChoiceOptions

  @OptionGroup var shared: SharedOptions

  private struct Result: Encodable {
    let subject: String
    let predictions: [ImagePrediction]
  }

  func validate() throws {
    if top < 1 { throw ValidationError("--top expects 1 or more, found \(top)") }
  }

  func run() throws {
    try reporting {
      let observer = ConsoleObserver()
      defer { observer.finish() }
      var predictions: [ImagePrediction] = []
      func take(_ prediction: ImagePrediction) {
        predictions.append(prediction)
        guard !shared.json else { return }
        observer.finish()
        write(prediction)
      }
      try shared.withThreads {
        let options = Experiment.PredictionOptions(most: top, stopsAtErrors: stop)
        if isFolder(subject) {
          try refuse(source.given + input.given + outputs.given)
          try Experiment.predict(
            run: subject, images: images, options, observer: observer, answered: take)
        } else {
          try Experiment.predict(
            try source.read(subject), name: subject, images: images, options,
            inputTransform: input.transform, outputs: outputs.choice, observer: observer,
            answered: take)
        }
      }
      observer.finish()
      if shared.json { try Output.json(Result(subject: subject, predictions: predictions)) }
      let failed = predictions.count { $0.error != nil }
      if failed > 0 {
        throw CommandFailure(
          message: "\(failed) of \(predictions.count) images could not be read", status: 1)
      }
    }
  }

  /// Writes an image's line, and one for each task if there are several.
  private func write(_ prediction: ImagePrediction) {
    if let error = prediction.error {
      Diagnostic(.warning, error).write(to: FileSink.standardError)
      return
    }
    let sent =
      prediction.isAnsweredByDevice == true
      ? "; answered by the device" : prediction.bytesSent.map { "; sent \(grouped($0)) B" } ?? ""
    let sink = FileSink.standardOutput
    if let answer = prediction.answers.first, answer.task == nil {
      sink.write("\(prediction.image): \(answer.line)\(sent)\n")
      return
    }
    sink.write("\(prediction.image)\(sent)\n")
    for answer in prediction.answers { sink.write("  \(answer.task ?? ""): \(answer.line)\n") }
  }

  private func refuse(_ options: [(name: String, isGiven: Bool)]) throws {
    guard let option = options.first(where: \.isGiven) else { return }
    throw CommandFailure(
      message: "\(option.name) is for checkpoints; \(subject) is a run, which says that itself",
      status: 2)
  }
}
