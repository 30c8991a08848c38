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
  /// Further labels that the samples carry, one set for each task; may be empty.
  public let tasks: [LabelSet]

  private let source: any PixelSource
  /// Where in the source each sample is; nil stands for all of it, in order.
  private let positions: [Int]?

  /// Creates a data set over a source of pixels.
  ///
  /// - Precondition: as many labels, in every task, as the source has images.
  package init(
    name: String, classNames: [String], labels: [Int32], tasks: [LabelSet] = [],
    source: any PixelSource
  ) {
    precondition(labels.count == source.count, "ImageDataset: \(labels.count) labels")
    precondition(
      tasks.allSatisfy { $0.labels.count == source.count }, "ImageDataset: labels of tasks")
    self.init(
      name: name, imageShape: source.imageShape, classNames: classNames, labels: labels,
      tasks: tasks, source: source, positions: nil)
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
    tasks: [LabelSet] = []
  ) {
    precondition(
      pixels.count == labels.count * imageShape.elementCount,
      "ImageDataset: \(pixels.count) bytes for \(labels.count) images of \(imageShape)")
    precondition(
      labels.allSatisfy { $0 >= 0 && Int($0) < classNames.count }, "ImageDataset: label range")
    self.init(
      name: name, classNames: classNames, labels: labels, tasks: tasks,
      source: MemoryPixels(imageShape: imageShape, bytes: pixels))
  }

  private init(
    name: String, imageShape: Shape, classNames: [String], labels: [Int32], tasks: [LabelSet],
    source: any PixelSource, positions: [Int]?
  ) {
    self.name = name
    self.imageShape = imageShape
    self.classNames = classNames
    self.labels = labels
    self.tasks = tasks
    self.source = source
    self.positions = positions
  }

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

  /// The labels of a task.
  ///
  /// - Throws: ``DatasetError/unknownName(kind:name:nearest:known:)``.
  public func task(_ name: String) throws(DatasetError) -> LabelSet {
    guard let task = tasks.first(where: { $0.name == name }) else {
      throw .unknown("task", name, among: tasks.map(\.name))
    }
    return task
  }

  /// The same samples with the labels of a task as their class.
  ///
  /// - Throws: ``DatasetError/unknownName(kind:name:nearest:known:)``.
  public func labelled(by taskName: String) throws(DatasetError) -> ImageDataset {
    let task = try task(taskName)
    return ImageDataset(
      name: name, imageShape: imageShape, classNames: task.classNames, labels: task.labels,
      tasks: tasks, source: source, positions: positions)
  }

  /// The samples at some indices, in their order.
  ///
  /// - Precondition: every index is below ``count``.
  public func subset(_ indices: [Int], name: String? = nil) -> ImageDataset {
    ImageDataset(
      name: name ?? self.name, imageShape: imageShape, classNames: classNames,
      labels: labels(at: indices), tasks: tasks.map { $0.subset(indices) }, source: source,
      positions: positions.map { all in indices.map { all[$0] } } ?? indices)
  }

  /// The same samples under another name.
  public func renamed(_ name: String) -> ImageDataset {
    ImageDataset(
      name: name, imageShape: imageShape, classNames: classNames, labels: labels, tasks: tasks,
      source: source, positions: positions)
  }

  /// The same set with all pixels in memory, if they take at most a number of bytes; otherwise the
  /// set itself.
  ///
  /// - Throws: ``DatasetError`` naming the first file that cannot be read.
  public func loaded(
    byteLimit: Int = 2 << 30, progress: DatasetProgress.Handler? = nil
  ) throws(DatasetError) -> ImageDataset {
    guard !(source is MemoryPixels), byteCount <= byteLimit else { return self }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(byteCount)
    let step = 256
    for start in stride(from: 0, to: count, by: step) {
      bytes += try self.bytes(at: Array(start..<min(count, start + step)))
      progress?(
        DatasetProgress(
          subject: name, unit: .images, completed: min(count, start + step), total: count))
    }
    return ImageDataset(
      name: name, classNames: classNames, labels: labels, tasks: tasks,
      source: MemoryPixels(imageShape: imageShape, bytes: bytes))
  }

  /// A name for exactly these samples, by which what was computed from them can be kept: equal
  /// identifiers mean equal images and labels in equal order.
  ///
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
}
