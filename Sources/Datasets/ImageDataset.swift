internal import Crypto
public import Tensors

/// Labelled images of one size: pixels of 8 bits, held in memory or read when asked for.
///
/// A value: subsets and splits share the pixels with the set they were taken from, and a label
/// keeps its meaning in every subset.
public struct ImageDataset: Sendable {
  /// The name of the data set and of its part, such as `fashion-mnist/train`.
  public let name: String
  /// `[height, width, channels]` of every image.
  public let imageShape: Shape
  /// The names of the classes; a label is an index into them.
  public let classNames: [String]
  /// The label of every sample, `0 ..< classNames.count`.
  public let labels: [Int32]
  /// What else is known of the samples, each set under a name of its own; may be empty.
  ///
  /// The class itself is not among them, but ``annotation(_:)`` gives it as `class`.
  public let annotations: [AnnotationSet]
  /// What a person should know of how it was read; subsets and changed sets keep it.
  public internal(set) var remarks: [String] = []

  private let source: any PixelSource
  /// Where in the source each sample is; nil stands for all of it, in order.
  private let positions: [Int]?

  /// Creates a data set over a source of pixels.
  ///
  /// - Precondition: as many labels and annotations of each set as the source has images; no two
  ///   sets of one name, and none called `class`.
  package init(
    name: String, classNames: [String], labels: [Int32], annotations: [AnnotationSet] = [],
    source: any PixelSource
  ) {
    precondition(labels.count == source.count, "ImageDataset: \(labels.count) labels")
    precondition(
      annotations.allSatisfy { $0.count == source.count }, "ImageDataset: number of annotations")
    precondition(
      Set(annotations.map(\.name) + [ImageDataset.classAnnotation]).count == annotations.count + 1,
      "ImageDataset: two annotations of one name")
    self.init(
      name: name, imageShape: source.imageShape, classNames: classNames, labels: labels,
      annotations: annotations, source: source, positions: nil)
  }

  /// Creates a data set from pixels in memory.
  ///
  /// - Parameters:
  ///   - imageShape: `[height, width, channels]`.
  ///   - pixels: the images one after the other, each row-major and channels-last.
  /// - Precondition: `labels.count` images of the shape fill `pixels`, and every label is an index
  ///   into `classNames`.
  public init(
    name: String, imageShape: Shape, classNames: [String], pixels: [UInt8], labels: [Int32],
    annotations: [AnnotationSet] = []
  ) {
    precondition(
      pixels.count == labels.count * imageShape.elementCount,
      "ImageDataset: \(pixels.count) bytes for \(labels.count) images of \(imageShape)")
    precondition(
      labels.allSatisfy { $0 >= 0 && Int($0) < classNames.count }, "ImageDataset: label range")
    self.init(
      name: name, classNames: classNames, labels: labels, annotations: annotations,
      source: MemoryPixels(imageShape: imageShape, bytes: pixels))
  }

  private init(
    name: String, imageShape: Shape, classNames: [String], labels: [Int32],
    annotations: [AnnotationSet],
    source: any PixelSource, positions: [Int]?, remarks: [String] = []
  ) {
    self.name = name
    self.imageShape = imageShape
    self.classNames = classNames
    self.labels = labels
    self.annotations = annotations
    self.source = source
    self.positions = positions
    self.remarks = remarks
  }

  /// The one class of samples whose class is not known.
  package static let unlabelledClass = "image"

  /// Indicates whether the classes of the samples are known.
  public var isLabelled: Bool { classNames != [ImageDataset.unlabelledClass] }

  /// The number of samples.
  public var count: Int { labels.count }

  /// The bytes of all pixels of the samples.
  public var byteCount: Int { count * imageShape.elementCount }

  /// The number of samples of every class.
  public var classCounts: [Int] {
    var counts = [Int](repeating: 0, count: classNames.count)
    for label in labels { counts[Int(label)] += 1 }
    return counts
  }

  /// The pixels of samples as numbers from 0 to 255, `[count, height, width, channels]`.
  ///
  /// - Precondition: every index is below ``count``.
  /// - Throws: ``DatasetError`` naming the file if pixels that are read from disk cannot be.
  public func pixels(at indices: [Int]) throws(DatasetError) -> Tensor<Float> {
    let bytes = try bytes(at: indices)
    return Tensor(Shape([indices.count] + imageShape.dimensions)) { buffer in
      for index in 0..<buffer.count { buffer.initializeElement(at: index, to: Float(bytes[index])) }
    }
  }

  /// The pixels of samples, each row-major and channels-last, one sample after the other.
  ///
  /// - Precondition: every index is below ``count``.
  /// - Throws: ``DatasetError`` naming the file if pixels that are read from disk cannot be.
  public func bytes(at indices: [Int]) throws(DatasetError) -> [UInt8] {
    var failure: DatasetError?
    let length = indices.count * imageShape.elementCount
    let result = [UInt8](unsafeUninitializedCapacity: length) { buffer, initialized in
      guard let base = buffer.baseAddress else { return }
      do throws(DatasetError) {
        try readBytes(at: indices, into: base)
        initialized = length
      } catch { failure = error }
    }
    if let failure { throw failure }
    return result
  }

  /// Writes the pixels of samples one after the other.
  package func readBytes(
    at indices: [Int], into target: UnsafeMutablePointer<UInt8>
  ) throws(DatasetError) {
    for index in indices {
      precondition(index >= 0 && index < count, "ImageDataset: sample \(index) of \(count)")
    }
    try source.read(positions.map { all in indices.map { all[$0] } } ?? indices, into: target)
  }

  /// The labels of samples.
  public func labels(at indices: [Int]) -> [Int32] { indices.map { labels[$0] } }

  /// The name under which ``annotation(_:)`` gives the class.
  public static let classAnnotation = "class"

  /// The annotations of a name; `class` is the class of every sample.
  ///
  /// - Throws: ``DatasetError/unknownName(kind:name:nearest:known:)``.
  public func annotation(_ name: String) throws(DatasetError) -> AnnotationSet {
    if name == ImageDataset.classAnnotation {
      return AnnotationSet(name: name, content: .classes(names: classNames, labels: labels))
    }
    guard let annotation = annotations.first(where: { $0.name == name }) else {
      throw .unknown(
        "annotation", name, among: [ImageDataset.classAnnotation] + annotations.map(\.name))
    }
    return annotation
  }

  /// The same samples with an annotation of one class a sample as their class.
  ///
  /// - Throws: ``DatasetError/unknownName(kind:name:nearest:known:)``, or
  ///   ``DatasetError/invalidOption(name:value:expected:)`` if the annotation is of another kind or
  ///   not known of every sample.
  public func labelled(by name: String) throws(DatasetError) -> ImageDataset {
    let annotation = try annotation(name)
    guard case .classes(let names, let labels) = annotation.content else {
      throw .invalidOption(
        name: "label", value: "\(name), which is of kind \(annotation.kind)",
        expected: "an annotation of kind classes")
    }
    if let unknown = labels.firstIndex(of: -1) {
      throw .invalidOption(
        name: "label", value: "\(name), which is not known of sample \(unknown)",
        expected: "an annotation that every sample has")
    }
    return ImageDataset(
      name: self.name, imageShape: imageShape, classNames: names, labels: labels,
      annotations: annotations, source: source, positions: positions, remarks: remarks)
  }

  /// The same samples with one more set of annotations.
  ///
  /// - Throws: ``DatasetError/invalidOption(name:value:expected:)`` if there is one of that name.
  /// - Precondition: as many annotations as samples.
  func adding(_ annotation: AnnotationSet) throws(DatasetError) -> ImageDataset {
    precondition(annotation.count == count, "ImageDataset: number of annotations")
    let taken = [ImageDataset.classAnnotation] + annotations.map(\.name)
    guard !taken.contains(annotation.name) else {
      throw .invalidOption(
        name: "annotation", value: annotation.name,
        expected: "a name other than \(taken.joined(separator: ", "))")
    }
    return ImageDataset(
      name: name, imageShape: imageShape, classNames: classNames, labels: labels,
      annotations: annotations + [annotation], source: source, positions: positions,
      remarks: remarks)
  }

  /// The same samples with other classes.
  func replacing(classNames: [String], labels: [Int32]) -> ImageDataset {
    precondition(labels.count == count, "ImageDataset: number of labels")
    return ImageDataset(
      name: name, imageShape: imageShape, classNames: classNames, labels: labels,
      annotations: annotations, source: source, positions: positions, remarks: remarks)
  }

  /// The same samples with other annotations under a name that there is.
  func replacing(_ annotation: AnnotationSet) -> ImageDataset {
    precondition(annotation.count == count, "ImageDataset: number of annotations")
    return ImageDataset(
      name: name, imageShape: imageShape, classNames: classNames, labels: labels,
      annotations: annotations.map { $0.name == annotation.name ? annotation : $0 },
      source: source, positions: positions, remarks: remarks)
  }

  /// The samples at some indices, in their order.
  ///
  /// - Precondition: every index is below ``count``.
  public func subset(_ indices: [Int], name: String? = nil) -> ImageDataset {
    ImageDataset(
      name: name ?? self.name, imageShape: imageShape, classNames: classNames,
      labels: labels(at: indices), annotations: annotations.map { $0.subset(indices) },
      source: source,
      positions: positions.map { all in indices.map { all[$0] } } ?? indices, remarks: remarks)
  }

  /// The same samples under another name.
  public func renamed(_ name: String) -> ImageDataset {
    ImageDataset(
      name: name, imageShape: imageShape, classNames: classNames, labels: labels,
      annotations: annotations,
      source: source, positions: positions, remarks: remarks)
  }

  /// The same samples under another list of classes.
  ///
  /// - Precondition: a label for each sample, an index into the names.
  public func relabelled(_ labels: [Int32], among classNames: [String]) -> ImageDataset {
    precondition(
      labels.count == count
        && labels.allSatisfy { $0 >= 0 && Int($0) < classNames.count },
      "ImageDataset: \(labels.count) labels of \(classNames.count) classes")
    return replacing(classNames: classNames, labels: labels)
  }

  /// The same samples in grey (1 channel, the rounded mean of the colours) or in colour (3 equal
  /// channels).
  ///
  /// - Throws: ``DatasetError/invalidOption(name:value:expected:)`` unless the samples are images in
  ///   grey or colour and the number is 1 or 3.
  public func withChannels(_ channels: Int) throws(DatasetError) -> ImageDataset {
    guard PixelImage.holds(imageShape), [1, 3].contains(channels) else {
      throw .invalidOption(
        name: "channels", value: "\(channels) for samples of \(imageShape)",
        expected: "1 for grey or 3 for colour, of images that have 1 or 3")
    }
    guard channels != imageShape[2] else { return self }
    let converted = ConvertedPixels(source: source, channels: channels)
    return ImageDataset(
      name: name, imageShape: converted.imageShape, classNames: classNames, labels: labels,
      annotations: annotations, source: converted, positions: positions, remarks: remarks)
  }

  /// The same set with all pixels in memory, if they take at most a number of bytes; otherwise the
  /// set itself.
  ///
  /// - Parameter unreadable: whether files that cannot be read are left out and noted among the
  ///   ``remarks``; to find them, all are read, however many bytes they take.
  /// - Throws: ``DatasetError`` naming the first file that cannot be read, unless it is left out, or
  ///   if none can.
  public func loaded(
    byteLimit: Int = 2 << 30, unreadable: UnreadableFiles = .fail,
    progress: DatasetProgress.Handler? = nil
  ) throws(DatasetError) -> ImageDataset {
    let fits = byteCount <= byteLimit
    guard !(source is MemoryPixels), fits || unreadable == .skip else { return self }
    var bytes: [UInt8] = []
    if fits { bytes.reserveCapacity(byteCount) }
    var kept: [Int] = []
    var failures: [DatasetError] = []
    let step = 256
    for start in stride(from: 0, to: count, by: step) {
      let indices = Array(start..<min(count, start + step))
      let (read, failed) = try available(at: indices)
      for (row, failure) in failed.enumerated() {
        guard let failure else {
          kept.append(indices[row])
          continue
        }
        guard unreadable == .skip else { throw failure }
        failures.append(failure.cause)
      }
      if fits { bytes += read }
      progress?(
        DatasetProgress(
          subject: name, unit: .images, completed: min(count, start + step), total: count))
    }
    guard let first = failures.first else {
      return fits ? self.with(MemoryPixels(imageShape: imageShape, bytes: bytes)) : self
    }
    guard !kept.isEmpty else { throw first }
    var readable = subset(kept)
    if fits { readable = readable.with(MemoryPixels(imageShape: imageShape, bytes: bytes)) }
    readable.remarks += [LeftOut.unreadable(failures)].compactMap { $0 }
    return readable
  }

  /// The pixels of those of some samples that can be read, and what keeps the others from it.
  private func available(
    at indices: [Int]
  ) throws(DatasetError) -> (bytes: [UInt8], failures: [DatasetError?]) {
    let length = imageShape.elementCount
    var failures: [DatasetError?] = []
    var failure: DatasetError?
    var bytes = [UInt8](repeating: 0, count: indices.count * length)
    bytes.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      do throws(DatasetError) {
        failures = try source.readAvailable(
          positions.map { all in indices.map { all[$0] } } ?? indices, into: base)
      } catch { failure = error }
    }
    if let failure { throw failure }
    for (row, failure) in failures.enumerated().reversed() where failure != nil {
      bytes.removeSubrange(row * length..<(row + 1) * length)
    }
    return (bytes, failures)
  }

  /// The same samples, whose pixels are all of another source.
  ///
  /// - Precondition: as many images as samples, in their order.
  private func with(_ source: any PixelSource) -> ImageDataset {
    ImageDataset(
      name: name, imageShape: imageShape, classNames: classNames, labels: labels,
      annotations: annotations, source: source, positions: nil, remarks: remarks)
  }

  /// A name for exactly these samples, by which what was computed from them can be kept.
  ///
  /// Equal identifiers mean equal images and labels in equal order; annotations do not count.
  /// It ends in a SHA-256 of labels and pixels (for pixels that stay on disk, of the files' paths,
  /// sizes and times of change), so it reads everything that is in memory.
  ///
  /// - Throws: ``DatasetError`` if files have become unreadable.
  public func identifier() throws(DatasetError) -> String {
    var hash = SHA256()
    for text in [name, "\(imageShape)"] + classNames {
      hash.update(data: Array((text + "\n").utf8))
    }
    labels.withUnsafeBytes { hash.update(bufferPointer: $0) }
    let sourcePositions = positions ?? Array(0..<source.count)
    try source.updateFingerprint(of: sourcePositions) { hash.update(bufferPointer: $0) }
    let digest = hash.finalize().prefix(16).map { byteText($0) }.joined()
    return "\(name):\(count):\(digest)"
  }

  /// A name for exactly the annotations of these samples.
  package func annotationIdentifier() -> String {
    var hash = SHA256()
    for annotation in annotations {
      annotation.updateFingerprint { hash.update(bufferPointer: $0) }
    }
    return hash.finalize().prefix(16).map { byteText($0) }.joined()
  }
}
