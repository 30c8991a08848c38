internal import DroneWorlds
internal import Tensors

extension DatasetSpecification {
  /// What is wrong with the value of a key.
  public typealias Problem = (key: CodingKeys, error: DatasetError)

  /// Everything that is wrong with the specification, without looking at any file.
  public func problems() -> [Problem] {
    let kind: DatasetKind
    do throws(DatasetError) { kind = try .named(name) } catch { return [(.name, error)] }
    let unknown = values.filter { !kind.keys.contains($0.key) }.map { key, value in
      let known = kind.keys.map(\.rawValue).sorted().joined(separator: ", ")
      return problem(key, value, "no such key for \(name), whose keys are \(known)")
    }
    let worlds = (world?.problems() ?? []).map { found in
      problem(.world, found.value, "\(found.key.rawValue) of \(found.expected)")
    }
    return unknown + missing(kind) + outOfRange(kind) + unknownNames(kind) + worlds
  }

  private func problem(_ key: CodingKeys, _ value: String, _ expected: String) -> Problem {
    (key, .invalidOption(name: key.rawValue, value: value, expected: expected))
  }

  /// What the kind needs and is not there.
  private func missing(_ kind: DatasetKind) -> [Problem] {
    var problems: [Problem] = []
    func need(_ key: CodingKeys, _ expected: String) {
      problems.append(problem(key, "none", expected))
    }
    if kind.needsPath, path?.isEmpty != false { need(.path, "a path, for \(name)") }
    switch kind {
    case .hdf5:
      if images == nil { need(.images, "the path of the images in the file") }
      if labels == nil, masks == nil, depth == nil {
        need(.labels, "the path of labels, masks or depth in the file")
      }
    case .maskFolder:
      if images == nil { need(.images, "the folder of the images") }
      if masks == nil { need(.masks, "the folder of the class maps") }
      if testMasks != nil, classNames == nil {
        need(.classNames, "the names of the classes, as two folders may need different numbers")
      }
    case .coco:
      if (images == nil) != (labels == nil) {
        need(images == nil ? .images : .labels, "both images and labels, or neither")
      }
    case .fashionMNIST, .cifar10, .cifar100, .idx, .imageFolder, .shapes, .drone, .text: break
    }
    return problems + unequalParts
  }

  /// What one part has and the other lacks.
  private var unequalParts: [Problem] {
    let pairs = [
      (CodingKeys.images, images, CodingKeys.testImages, testImages),
      (.labels, labels, .testLabels, testLabels), (.masks, masks, .testMasks, testMasks),
      (.depth, depth, .testDepth, testDepth),
    ]
    guard pairs.contains(where: { $0.3 != nil }) else { return [] }
    return pairs.filter { ($0.1 == nil) != ($0.3 == nil) }.map { key, _, testKey, test in
      problem(
        test == nil ? testKey : key, "none",
        "both \(key.rawValue) and \(testKey.rawValue), or neither")
    }
  }

  private func outOfRange(_ kind: DatasetKind) -> [Problem] {
    var problems: [Problem] = []
    func report(_ key: CodingKeys, _ value: String, _ expected: String) {
      problems.append(problem(key, value, expected))
    }
    if let ignored, !(0...255).contains(ignored) { report(.ignored, "\(ignored)", "0 to 255") }
    if let channels, ![1, 3].contains(channels) {
      report(.channels, "\(channels)", "1 for grey or 3 for colour")
    }
    if let depthScale, !(depthScale > 0 && depthScale.isFinite) {
      report(.depthScale, "\(depthScale)", "a positive number")
    }
    if let testFraction, !(testFraction > 0 && testFraction < 1) {
      report(.testFraction, "\(testFraction)", "a number between 0 and 1, both excluded")
    }
    if let size, !(8...1024).contains(size) {
      report(.size, "\(size)", "8 to 1024 \(kind == .text ? "characters" : "pixels")")
    }
    if kind == .text, path != nil {
      for (key, value) in values where [.samples, .testSamples, .seed].contains(key) {
        report(key, value, "no such key beside a path")
      }
    }
    let division = split.flatMap(ShapesSplit.init(rawValue:)) ?? .random
    for (key, part, value) in [
      (CodingKeys.samples, DatasetPart.train, samples), (.testSamples, .test, testSamples),
    ] {
      let limit = division.sceneCount(part)
      if let value, !(1...limit).contains(value) { report(key, "\(value)", "1 to \(limit)") }
    }
    if kind == .imageFolder || kind == .maskFolder, size == nil {
      for (key, value) in values where [.resize, .interpolation, .antialias].contains(key) {
        report(key, value, "no such key without a size that images are brought to")
      }
    }
    if let antialias, let named = interpolation.flatMap(ImageSizing.Interpolation.init(rawValue:)),
      !named.canAntialias
    {
      report(.antialias, "\(antialias)", "no such key with interpolation \(named.rawValue)")
    }
    if let classNames, Set(classNames).count != classNames.count || classNames.isEmpty {
      report(.classNames, "\(classNames)", "at least one name, and none twice")
    }
    if let noiseAmount, noise ?? ImageNoise.Kind.none.rawValue == ImageNoise.Kind.none.rawValue {
      report(.noiseAmount, "\(noiseAmount)", "no such key without noise")
    } else if noise.map({ ImageNoise.Kind(rawValue: $0) != nil }) ?? true {
      do throws(DatasetError) { _ = try imageNoise() } catch {
        problems.append((.noiseAmount, error))
      }
    }
    return problems
  }

  private func unknownNames(_ kind: DatasetKind) -> [Problem] {
    let named: [(CodingKeys, String, [String], [String])] = [
      (.annotations, "annotation", annotations ?? [], ShapesAnnotation.allCases.map(\.rawValue)),
      (.split, "split", [split].compactMap { $0 }, ShapesSplit.allCases.map(\.rawValue)),
      (.noise, "noise", [noise].compactMap { $0 }, ImageNoise.Kind.allCases.map(\.rawValue)),
      (.label, "label", [label].compactMap { $0 }, labelNames(kind)),
      (
        .unreadable, "way with unreadable files", [unreadable].compactMap { $0 },
        UnreadableFiles.allCases.map(\.rawValue)
      ),
      (
        .resize, "way of resizing", [resize].compactMap { $0 },
        ImageSizing.Fit.allCases.map(\.rawValue)
      ),
      (.layout, "layout", [layout].compactMap { $0 }, ArrayLayout.allCases.map(\.rawValue)),
      (
        .interpolation, "interpolation", [interpolation].compactMap { $0 },
        ImageSizing.Interpolation.allCases.map(\.rawValue)
      ),
    ]
    return named.flatMap { key, what, names, known in
      known.isEmpty
        ? []
        : names.filter { !known.contains($0) }.map { (key, .unknown(what, $0, among: known)) }
    }
  }

  private func labelNames(_ kind: DatasetKind) -> [String] {
    switch kind {
    case .cifar100: ["fine", "coarse"]
    case .shapes: ShapeFactor.allCases.map(\.rawValue)
    default: []
    }
  }

  /// What disturbs the images.
  func imageNoise() throws(DatasetError) -> ImageNoise {
    let kind = noise.flatMap(ImageNoise.Kind.init(rawValue:)) ?? .none
    return try ImageNoise(kind, amount: noiseAmount ?? ImageNoise.usualAmount)
  }
}
