internal import Datasets
internal import Networks
internal import Suggestions
internal import Tasks
internal import Tensors
public import Training

/// Images to measure something on, labelled by the classes of what is measured.
struct MeasuredData {
  /// Name in tables.
  var name: String
  /// Facts of the data.
  let facts: RunEvaluation.MeasuredOn
  /// The images; those that are not labelled are all of the first class.
  let dataset: ImageDataset
  /// The classes of the user, as indices into those of what is measured.
  let userClasses: [Int]?
  /// Specification that was asked for.
  let specification: DatasetSpecification
  /// The data set they are of.
  let provider: DataProvider

  /// Indicates whether the truth is known that tasks, or a classifier, are measured by.
  func isLabelled(for tasks: TaskSet?) -> Bool {
    guard let tasks else { return facts.isLabelled }
    return tasks.configurations.contains { task in
      task.annotation == ImageDataset.classAnnotation
        ? facts.isLabelled : (try? dataset.annotation(task.annotation)) != nil
    }
  }

  /// Error for what does not fit a network, with the name of the data.
  func explained(_ error: any Error) -> any Error {
    guard case SetupError.imageShape(let network, let expected, let found) = error else {
      return error
    }
    return misfit(network: network, ImageMismatch(expected: expected, found: found))
  }

  /// The error for images of another shape than a network takes.
  func misfit(network: String, _ mismatch: ImageMismatch) -> MeasurementError {
    .images(
      data: name, network: network, mismatch,
      remedies: mismatch.settings(
        takesSize: specification.takes(.size)))
  }
}

/// Reads what is measured on.
struct MeasuredDataReader {
  /// Name of the subject, for messages.
  let subject: String
  /// The data that it was trained on, if it says.
  let own: (document: RecipeDocument, data: DataProvider)?
  /// The classes of its answers in their order; nil if they have no names.
  let classNames: [String]?
  /// Way of sizing images where the data do not say: that of the subject's training.
  var usualSizing: ImageSizing?
  /// The part of every data set that is measured on.
  let part: MeasuredPart
  /// Observer of progress.
  let observer: any TrainingObserver

  /// Data that requests name, behind the own data, each under a name of its own.
  ///
  /// Requests that mean the own data are not measured twice.
  ///
  /// - Throws: as ``read(_:)``.
  func all(
    _ requests: [DataRequest], beginsWithOwn: Bool = true
  ) throws -> [MeasuredData] {
    var all = own != nil && beginsWithOwn ? [(DataRequest(), try read(DataRequest()))] : []
    for request in requests {
      let data = try read(request)
      if !data.facts.isOwn || !all.contains(where: \.1.facts.isOwn) { all.append((request, data)) }
    }
    let counts = Dictionary(grouping: all) { $0.1.name }.mapValues(\.count)
    var taken: Set<String> = []
    return all.map { request, data in
      var data = data
      if !data.facts.isOwn, counts[data.name, default: 0] > 1 {
        let settings = request.overrides.map { $0.replacing("data.", with: "", maxReplacements: 1) }
        data.name += settings.isEmpty ? "" : ", \(settings.joined(separator: ", "))"
      }
      let name = data.name
      var number = 2
      while !taken.insert(data.name).inserted {
        data.name = "\(name) #\(number)"
        number += 1
      }
      return data
    }
  }

  /// Data that a request names.
  ///
  /// - Throws: `RecipeProblems`, ``MeasurementError``, or `DatasetError`.
  func read(_ request: DataRequest) throws -> MeasuredData {
    let configuration = try configuration(request)
    let provider =
      own.flatMap { $0.data.configuration == configuration ? $0.data : nil }
      ?? Experiment.provider(
        of: configuration, allowsUnlabelled: true,
        usualSizing: usualSizing ?? own?.data.imageSizing, observer: observer)
    let found = try provider.part(part)
    let ownUser = try ownUserClasses()
    let user = try configuration.classes.map {
      try found.classIndices($0).map { found.classNames[$0] }
    }
    let matched = try labelled(found)
    let names = matched.dataset.classNames
    let userClasses =
      try user.map { user in
        try user.map { name in
          guard let index = names.firstIndex(of: name) else {
            throw MeasurementError.unknownClass(
              name, data: found.name, nearest: NearestName.of(name, among: names))
          }
          return index
        }.sorted()
      } ?? (request.dataset == nil ? nil : ownUser)
    let isOwn =
      own.map { own in
        key(of: configuration, userClasses) == key(of: own.data.configuration, ownUser)
      } ?? false
    return MeasuredData(
      name: found.name,
      facts: RunEvaluation.MeasuredOn(
        dataset: found.name, path: configuration.dataset.path, part: part, samples: found.count,
        isOwn: isOwn, isLabelled: found.isLabelled,
        userClasses: userClasses?.map { names[$0] },
        remarks: (isOwn ? [] : provider.notes) + matched.remarks),
      dataset: matched.dataset, userClasses: userClasses, specification: configuration.dataset,
      provider: provider)
  }

  /// The user's classes of the data that was trained on, as indices into those of what is measured.
  func ownUserClasses() throws -> [Int]? {
    guard let own, let classes = own.data.configuration.classes, let classNames else { return nil }
    let isNamed = classes.allSatisfy {
      if case .name = $0 { true } else { false }
    }
    if isNamed { return try ImageDataset.classIndices(classes, among: classNames) }
    // A number is a class of the data set, which may number them otherwise.
    let found = try own.data.test()
    let matching = try found.matching(to: ClassList(owner: subject, names: classNames))
    return try found.classIndices(classes).map { Int(matching.indices[$0]) }.sorted()
  }

  /// The names of ``ownUserClasses()``.
  func ownUserClassNames() throws -> [String]? {
    try ownUserClasses()?.compactMap { index in classNames?[index] }
  }

  /// The samples under the classes of what is measured, matched by name.
  private func labelled(
    _ dataset: ImageDataset
  ) throws -> (dataset: ImageDataset, remarks: [String]) {
    guard let classNames else { return (dataset, []) }
    guard dataset.isLabelled else {
      return (
        dataset.relabelled([Int32](repeating: 0, count: dataset.count), among: classNames), []
      )
    }
    let matching: ClassMatching
    do throws(DatasetError) {
      matching = try dataset.matching(to: ClassList(owner: subject, names: classNames))
    } catch {
      guard case .classes(let mismatch) = error else { throw error }
      throw SetupError.classes(mismatch)
    }
    var matched = try dataset.relabelled(by: matching)
    // What a network with tasks answers may be groups of classes.
    for (name, groups) in (own?.data.configuration.dataset.groups ?? [:]).sorted(by: {
      $0.key < $1.key
    })
    where (try? matched.annotation(name)) == nil {
      matched = try matched.grouped(name, groups)
    }
    return (matched, [matching.remark].compactMap(\.self))
  }

  // MARK: - The section of a request

  /// Settings by which two sections are the same data for the part that is measured.
  private struct Key: Hashable {
    var dataset: DatasetSpecification
    var userClasses: [Int]?
    var limits: [Int?] = []
    var validationFraction: Double?
    var splitSeed: UInt64?
  }

  private func key(of data: DataConfiguration, _ userClasses: [Int]?) -> Key {
    var key = Key(dataset: data.dataset, userClasses: userClasses)
    guard part != .test else {
      key.limits = [data.testLimit]
      return key
    }
    key.limits = [data.trainLimit]
    key.validationFraction = data.validationFraction
    key.splitSeed = data.splitSeed
    return key
  }

  /// The `data` section that a request means.
  private func configuration(_ request: DataRequest) throws -> DataConfiguration {
    let name: String
    var root: RecipeNode
    if let dataset = request.dataset {
      // A name of none is an error of the command line, not of a recipe.
      _ = try DatasetKind.named(dataset)
      name = "--dataset \(dataset)"
      let location = RecipeLocation.file(name)
      func entry(_ key: String, _ content: RecipeNode.Content) -> RecipeNode.Entry {
        RecipeNode.Entry(
          key: key, keyLocation: location, value: RecipeNode(content: content, location: location))
      }
      var keys = [("name", dataset)] + (request.path.map { [("path", $0)] } ?? [])
      // Images come in the size and the channels of those that were trained on, unless --set says other.
      let kind = DatasetSpecification(name: dataset)
      let trained = own?.data.configuration.dataset
      for (key, value) in [
        (DatasetSpecification.CodingKeys.size, trained?.size), (.channels, trained?.channels),
      ]
      where kind.takes(key) {
        if let value { keys.append((key.rawValue, "\(value)")) }
      }
      root = RecipeNode(
        content: .mapping([
          entry(
            "data",
            .mapping(
              keys.map { key, value in
                entry(key, .scalar(RecipeScalar(value, isPlain: key != "name" && key != "path")))
              }))
        ]), location: location)
    } else if let own {
      name = own.document.name
      let data = own.document.root["data"] ?? own.document.root
      root = RecipeNode(
        content: .mapping([
          RecipeNode.Entry(key: "data", keyLocation: data.location, value: data)
        ]), location: own.document.root.location)
    } else {
      throw ExperimentError.datasetNeeded(subject)
    }
    var problems: [RecipeProblem] = []
    for (index, argument) in request.overrides.enumerated() {
      do throws(RecipeProblems) {
        let override = try RecipeOverride(argument, index: index)
        guard override.path.components.first == .key("data") else {
          throw RecipeProblems([
            RecipeProblem(
              "expected data.… here, as the rest is as it was trained", at: override.location,
              path: override.path)
          ])
        }
        try override.apply(to: &root)
      } catch { problems += error.problems }
    }
    guard problems.isEmpty else { throw RecipeProblems(problems) }
    let decoder = StrictDecoder(RecipeDocument(name: name, root: root))
    let configuration = decoder.section("data", as: DataConfiguration.self)
    try decoder.finish()
    guard let configuration else { throw RecipeProblems([]) }
    return configuration
  }
}

/// Why something cannot be measured on some data.
public enum MeasurementError: Error, Equatable, CustomStringConvertible {
  /// The images have another shape than the network takes.
  case images(data: String, network: String, ImageMismatch, remedies: [String])
  /// A user has a class that the network does not have.
  case unknownClass(String, data: String, nearest: String?)
  /// The data have no labels, and nothing is cut that the answers could be compared with.
  case nothingToCompare(data: String, reason: String)
  /// A method is measured by other than images.
  case notByImages(method: String)

  /// Explanation of the error and its remedy.
  public var description: String {
    switch self {
    case .images(let data, let network, let mismatch, let remedies):
      "\(data) does not fit \(network), which takes \(mismatch.expected) images: "
        + mismatch.differences
        + (remedies.isEmpty
          ? "; write the images in those extents"
          : ". "
            + remedies.map { "`--set \($0)`" }.joined(separator: " and ")
            + " brings them there")
        + (mismatch.differsInSize
          ? "; a network trained with network.adapt_size: true on images of their size takes them "
            + "as they are" : "")
    case .unknownClass(let name, let data, let nearest):
      "the user of \(data) has the class '\(name)', which the network does not answer with"
        + (nearest.map { "; did you mean '\($0)'?" } ?? "")
    case .nothingToCompare(let data, let reason):
      "\(data) has no labels, so that answers can only be compared with those of an uncut network: "
        + reason
    case .notByImages(let method):
      "\(method) is measured by flights in generated worlds, not by images; `cleave evaluate` "
        + "without --dataset and --set measures it"
    }
  }
}
