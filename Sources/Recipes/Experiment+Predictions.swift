internal import Boxes
internal import Checkpoints
internal import Datasets
internal import Foundation
internal import Networks
internal import Plots
internal import Reports
internal import Splitting
internal import Tasks
internal import Tensors
public import Training

extension Experiment {
  /// How many test images a page of predictions shows.
  static let shownSamples = 12

  /// Measures a run as ``evaluate(run:observer:)`` does, and draws what it answers to some of its test
  /// images on an HTML page.
  ///
  /// The images are drawn evenly over the classes; boxes, masks and labels stand beside the truth.
  /// Everything is answered from the bytes that the device would send.
  ///
  /// - Throws: as ``evaluate(run:observer:)``, ``ExperimentError/notImages(_:)``, and
  ///   `SetupError.tailNeeded` if the server's part is not the method's.
  public static func evaluateAndDraw(
    run path: String, observer: any TrainingObserver
  ) throws -> (report: EvaluationReport, page: String) {
    let run = try open(run: path, observer: observer)
    let test = try run.data.test()
    guard PixelImage.holds(test.imageShape) else { throw ExperimentError.notImages(test.name) }
    let report = try run.evaluate()
    let directory = RunDirectory(path)
    var page = page(
      of: report, history: try directory.history(),
      provenance: try Checkpoint.read(directory.path(of: .best)).provenance ?? Provenance(),
      folder: path)
    guard let body = try predictions(run.method, run.network, run.data, observer) else {
      throw SetupError.tailNeeded(method: report.method)
    }
    page.sections.append(RunPage.Section(title: samplesTitle, body: body))
    return (report, page.text)
  }

  /// The page of a run that has just been measured.
  ///
  /// It shows test images if there are any and the server's part is the method's.
  static func page(
    _ method: any Method, _ network: Network, _ data: DataProvider, _ report: EvaluationReport,
    history: [EpochRecord], provenance: Provenance, folder: String,
    observer: any TrainingObserver
  ) throws -> RunPage {
    var page = page(of: report, history: history, provenance: provenance, folder: folder)
    guard PixelImage.holds(try data.test().imageShape) else { return page }
    // What cannot be drawn is no reason to lose the rest.
    if let body = try? predictions(method, network, data, observer) {
      page.sections.append(RunPage.Section(title: samplesTitle, body: body))
    }
    return page
  }

  /// The page without what only the run itself can show.
  private static func page(
    of report: EvaluationReport, history: [EpochRecord], provenance: Provenance, folder: String
  ) -> RunPage {
    RunPage(
      title: "\(report.method) on \(report.dataset)", report: report, history: history,
      recipe: provenance.recipe ?? "", provenance: facts(provenance, folder: folder))
  }

  private static let samplesTitle = "Some of the test images"

  /// The metric of a figure of the provenance, such as `accuracy` of `validation_accuracy`.
  private static func metric(_ name: String) -> String {
    for prefix in ["validation_", "test_"] where name.hasPrefix(prefix) {
      return String(name.dropFirst(prefix.count))
    }
    return name
  }

  private static func facts(
    _ provenance: Provenance, folder: String
  ) -> [(name: String, value: String)] {
    var facts: [(name: String, value: String)] = [("folder", folder)]
    if let seed = provenance.seed { facts.append(("seed", "\(seed)")) }
    if let version = provenance.toolkitVersion { facts.append(("toolkit", "Cleave \(version)")) }
    if let dataset = provenance.dataset { facts.append(("training images", dataset)) }
    for parent in provenance.parents { facts.append(("built on", parent)) }
    for (name, value) in provenance.figures.sorted(by: { $0.key < $1.key }) {
      facts.append((name.replacing("_", with: " "), text(value, ofMetric: Self.metric(name))))
    }
    return facts
  }

  /// Test images, drawn evenly over the classes, and what is answered to them; nil if the server's part is not
  /// the method's.
  private static func predictions(
    _ method: any Method, _ network: Network, _ data: DataProvider,
    _ observer: any TrainingObserver
  ) throws -> String? {
    let system: any SplitSystem
    do {
      guard let first = try method.systems(network).first else { return nil }
      system = first
    } catch SetupError.cutNeeded {
      system = DeviceSystem(
        name: "whole", network: try method.whole(network), inputTransform: method.inputTransform)
    }
    let test = try data.test()
    let tasks = method.tasks ?? TaskSet.classification(of: test)
    let annotations = try tasks.annotations(of: test)
    var body = ""
    for task in tasks.tasks where task.kind == .segmentation || task.kind == .detection {
      let keys = task.classNames.enumerated().map { index, name in
        let colour = String(format: "#%06x", Drawing.color(ofSeries: index))
        return "<span style=\"color:\(colour)\">■</span> \(Drawing.escaped(name))"
      }
      body += "<p>\(Drawing.escaped(task.name)): \(keys.joined(separator: " "))</p>\n"
    }
    let shown = test.sampleIndices(shownSamples, seed: data.configuration.splitSeed)
    var isDrawn = false
    for (number, sample) in shown.enumerated() {
      observer.progressed("drawing", unit: "images", done: number + 1, of: shown.count)
      let pixels = try test.pixels(at: [sample])
      let answered = try SystemRun.answer(pixels, by: system)
      let (outputs, message) = (answered.answers, answered.messages[0])
      let targets = annotations.targets(samples: [sample])
      let picture = PredictionPicture(
        height: test.imageShape[0], width: test.imageShape[1], channels: test.imageShape[2],
        bytes: try test.bytes(at: [sample]))
      var lines = [
        "image \(sample), "
          + (message.isSent ? "sent as \(message.bytes) B" : "answered on the device")
      ]
      var drawn = ""
      var start = 0
      for (task, target) in zip(tasks.tasks, targets) {
        let found: TaskAnswer? = task.answer(Array(outputs[start..<start + task.answerCount]))
        start += task.answerCount
        let truth = task.truth(target)
        if let answers = found.line, let known = truth.line {
          // What is only said needs no picture of its own.
          lines += ["\(task.name), truth: \(known)", "\(task.name), answer: \(answers)"]
          continue
        }
        drawn += try picture.figure(
          truth, lines: ["\(task.name), truth\(truth == nil ? ": not known" : "")"])
        drawn += try picture.figure(found, lines: ["\(task.name), answer"])
      }
      let row = try picture.figure(nil, lines: lines) + drawn
      // Pictures that have a row for themselves would leave most of the page empty.
      body += drawn.isEmpty ? row : "<div class=\"row\">\n\(row)</div>\n"
      isDrawn = isDrawn || !drawn.isEmpty
    }
    if !isDrawn { body = "<div class=\"row\">\n\(body)</div>\n" }
    return body
  }
}

/// An image, and what can be drawn over it.
private struct PredictionPicture {
  let height: Int
  let width: Int
  let channels: Int
  let bytes: [UInt8]

  /// The longer side on the page, in pixels.
  private static let side = 170.0

  /// The image with an answer over it, and words below.
  func figure(_ answer: TaskAnswer?, lines: [String]) throws -> String {
    var colours = bytes
    var shapes = ""
    var words: [String] = []
    let scale = Self.side / Double(max(height, width))
    switch answer {
    case nil: break
    case .words(let all): words = all.isEmpty ? ["none"] : all
    case .places(let places):
      for place in places { shapes += rectangle(place, scale: scale) }
      words = places.isEmpty ? ["none"] : places.map(\.text)
    case .classMap(let map, let rows, let columns):
      colours = overlay(rows: rows, columns: columns) { pixel in
        map[pixel] < 0 ? nil : Drawing.color(ofSeries: Int(map[pixel]))
      }
    case .distances(let map, let rows, let columns):
      let farthest = max(map.max() ?? 0, .leastNormalMagnitude)
      colours = overlay(rows: rows, columns: columns, share: 1) { pixel in
        // Near is light; what is not known keeps the image.
        let level = UInt32(max(0, min(255, 255 - 220 * map[pixel] / farthest)))
        return map[pixel] > 0 ? level << 16 | level << 8 | level : nil
      }
    }
    let image = PixelImage(
      height: height, width: width, channels: answer.isMap ? 3 : channels, bytes: colours)
    let data = Data(try ImageFile.encode(image, as: .png)).base64EncodedString()
    let size = (Int(Double(width) * scale), Int(Double(height) * scale))
    let caption = (lines + words).map(Drawing.escaped).joined(separator: "<br>")
    return """
      <figure><svg viewBox="0 0 \(size.0) \(size.1)" width="\(size.0)" \
      height="\(size.1)" role="img">\
      <image width="\(size.0)" height="\(size.1)" href="data:image/png;base64,\(data)"/>\
      \(shapes)</svg><figcaption>\(caption)</figcaption></figure>

      """
  }

  private func rectangle(_ place: TaskAnswer.Place, scale: Double) -> String {
    func text(_ value: Float) -> String { String(format: "%.1f", Double(value) * scale) }
    let colour = String(format: "#%06x", Drawing.color(ofSeries: Int(place.category)))
    return """
      <rect x="\(text(place.box.left))" y="\(text(place.box.top))" \
      width="\(text(place.box.width))" height="\(text(place.box.height))" fill="none" \
      stroke="\(colour)" stroke-width="2"><title>\(Drawing.escaped(place.text))</title></rect>
      """
  }

  /// The image in colour with colours over it.
  private func overlay(
    rows: Int, columns: Int, share: Double = 0.55, _ colour: (Int) -> UInt32?
  ) -> [UInt8] {
    var result = [UInt8](repeating: 0, count: height * width * 3)
    for y in 0..<height {
      for x in 0..<width {
        let over = colour(y * rows / height * columns + x * columns / width)
        for channel in 0..<3 {
          let own = bytes[(y * width + x) * channels + (channels == 3 ? channel : 0)]
          let other = over.map { Double($0 >> UInt32(16 - 8 * channel) & 255) } ?? Double(own)
          result[(y * width + x) * 3 + channel] =
            UInt8((1 - share) * Double(own) + share * other)
        }
      }
    }
    return result
  }
}

extension TaskAnswer? {
  /// What is said in one line; nil if something is drawn.
  fileprivate var line: String? {
    switch self {
    case nil: "not known"
    case .words(let all): all.isEmpty ? "none" : all.joined(separator: ", ")
    case .classMap, .distances, .places: nil
    }
  }

  /// Whether the answer colours pixels.
  fileprivate var isMap: Bool {
    switch self {
    case .classMap, .distances: true
    case nil, .words, .places: false
    }
  }
}
