internal import EventSchema
internal import Files
internal import Foundation
internal import SwiftProtobuf

/// Writes scalars, histograms and images to an event file that TensorBoard shows.
///
/// Events are gathered in memory until ``flush()``, which appends them to the file and syncs it. A
/// run that was stopped goes on in the same file, with what it had written of steps it repeats cut
/// off.
public struct TensorBoardWriter: ~Copyable {
  /// Where the events go.
  public let path: String

  private let descriptor: Int32
  private var pending: [UInt8] = []

  /// Opens an event file in a directory, which is created if need be.
  ///
  /// - Parameters:
  ///   - directory: where the file stands.
  ///   - step: to go on with the newest event file of the directory, the last step whose events
  ///     are kept; `nil` for a new file. Without such a file a new one is begun.
  ///   - time: when the file is begun, in seconds since 1970; now unless given.
  /// - Throws: ``EventLogError``.
  public init(
    directory: String, resumingAfter step: Int? = nil,
    time: Double? = nil
  ) throws(EventLogError) {
    do throws(FileError) { try Folder.create(directory) } catch { throw EventLogError(error) }
    let opened =
      if let step, let newest = try TensorBoardWriter.newestFile(in: directory) {
        (path: newest, descriptor: try TensorBoardWriter.reopen(newest, through: step))
      } else {
        try TensorBoardWriter.create(
          in: directory, time: time ?? Date().timeIntervalSince1970)
      }
    path = opened.path
    descriptor = opened.descriptor
  }

  /// What was added since the last ``flush()`` is written if it can be.
  deinit {
    _ = try? TensorBoardWriter.write(pending, to: descriptor, path)
    close(descriptor)
  }

  /// Adds a scalar.
  ///
  /// - Parameters:
  ///   - tag: what it is, such as `train/loss`.
  ///   - time: when it was measured, in seconds since 1970; now unless given.
  public mutating func add(
    _ tag: String, _ value: Double, step: Int, time: Double? = nil
  ) {
    add(tag, .simpleValue(Float(value)), step: step, time: time)
  }

  /// Adds how values are distributed, in 40 buckets of equal width; values that are not finite are left
  /// out, and nothing is added if none is left.
  ///
  /// - Parameters:
  ///   - tag: what they are, such as `cut/latent`.
  ///   - time: when they were measured, in seconds since 1970; now unless given.
  public mutating func add(
    _ tag: String, histogramOf values: some Collection<Float>, step: Int, time: Double? = nil
  ) {
    var histogram = TensorBoardHistogramProto()
    histogram.min = .infinity
    histogram.max = -.infinity
    for value in values where value.isFinite {
      let value = Double(value)
      histogram.min = Swift.min(histogram.min, value)
      histogram.max = Swift.max(histogram.max, value)
      histogram.num += 1
      histogram.sum += value
      histogram.sumSquares += value * value
    }
    guard histogram.num > 0 else { return }
    let buckets = TensorBoardWriter.buckets
    let span = histogram.max - histogram.min
    let width = span > 0 ? span / Double(buckets) : 1
    var counts = [Double](repeating: 0, count: buckets)
    for value in values where value.isFinite {
      counts[Swift.min(buckets - 1, Int((Double(value) - histogram.min) / width))] += 1
    }
    histogram.bucket = counts
    histogram.bucketLimit = (1...buckets).map { histogram.min + Double($0) * width }
    add(tag, .histo(histogram), step: step, time: time)
  }

  /// How many buckets a histogram has.
  private static let buckets = 40

  /// Adds an image.
  ///
  /// - Parameters:
  ///   - tag: what it shows.
  ///   - png: a PNG file of the given size.
  ///   - channels: 1 for grey, 3 for red, green and blue.
  ///   - time: when it was made, in seconds since 1970; now unless given.
  public mutating func add(
    _ tag: String, png: [UInt8], height: Int, width: Int, channels: Int, step: Int,
    time: Double? = nil
  ) {
    var image = TensorBoardSummary.Image()
    image.height = Int32(height)
    image.width = Int32(width)
    image.colorspace = Int32(channels)
    image.encodedImageString = Data(png)
    add(tag, .image(image), step: step, time: time)
  }

  private mutating func add(
    _ tag: String, _ content: TensorBoardSummary.Value.OneOf_Value, step: Int, time: Double?
  ) {
    var value = TensorBoardSummary.Value()
    value.tag = tag
    value.value = content
    var event = TensorBoardEvent()
    event.wallTime = time ?? Date().timeIntervalSince1970
    event.step = Int64(step)
    event.summary.value = [value]
    pending += TensorBoardWriter.frame(event)
  }

  /// Appends what was added to the file and syncs it.
  ///
  /// - Throws: ``EventLogError/inaccessible(path:reason:)``.
  public mutating func flush() throws(EventLogError) {
    try TensorBoardWriter.write(pending, to: descriptor, path)
    pending = []
    guard fsync(descriptor) == 0 else { throw TensorBoardWriter.systemError(path) }
  }
}

extension TensorBoardWriter {
  private static let prefix = "events.out.tfevents."

  /// An event as a record.
  private static func frame(_ event: TensorBoardEvent) -> [UInt8] {
    // The encoding of a message without required fields fails only beyond 2 GiB.
    let bytes: [UInt8]? = try? event.serializedBytes()
    return TFRecord.frame(bytes ?? [])
  }

  /// The event file of a directory whose name says it was begun last.
  private static func newestFile(in directory: String) throws(EventLogError) -> String? {
    let names: [String]
    do throws(FileError) {
      names = try Folder.entries(directory)
    } catch { throw EventLogError(error) }
    func time(_ name: String) -> Int {
      Int(name.dropFirst(prefix.count).prefix { $0 != "." }) ?? 0
    }
    return names.filter { $0.hasPrefix(prefix) }
      .max { (time($0), $0) < (time($1), $1) }.map { "\(directory)/\($0)" }
  }

  /// Creates `events.out.tfevents.<time>.<host>`, with a number behind it if that is taken, and
  /// writes the record every event file begins with.
  private static func create(
    in directory: String, time: Double
  ) throws(EventLogError) -> (path: String, descriptor: Int32) {
    let base = "\(directory)/\(prefix)\(Int(time)).\(ProcessInfo.processInfo.hostName)"
    var path = base
    var count = 0
    while FileManager.default.fileExists(atPath: path) {
      count += 1
      path = "\(base).\(count)"
    }
    var first = TensorBoardEvent()
    first.wallTime = time
    first.fileVersion = "brain.Event:2"
    let descriptor = try open(path, O_RDWR | O_CREAT | O_EXCL)
    do throws(EventLogError) {
      try write(frame(first), to: descriptor, path)
      guard fsync(descriptor) == 0 else { throw systemError(path) }
    } catch {
      close(descriptor)
      throw error
    }
    return (path, descriptor)
  }

  /// Opens a file to go on behind its last event of a step.
  private static func reopen(_ path: String, through step: Int) throws(EventLogError) -> Int32 {
    let kept = try length(of: path, through: step)
    let descriptor = try open(path, O_RDWR)
    guard ftruncate(descriptor, off_t(kept)) == 0, lseek(descriptor, 0, SEEK_END) >= 0 else {
      let error = systemError(path)
      close(descriptor)
      throw error
    }
    return descriptor
  }

  /// The length of the part of a file that holds whole, undamaged records up to a step.
  private static func length(
    of path: String, through step: Int
  ) throws(EventLogError) -> Int {
    let bytes: [UInt8]
    do throws(FileError) { bytes = try WholeFile.read(path) } catch { throw EventLogError(error) }
    var position = 0
    while let record = TFRecord.record(in: bytes, at: position),
      let event = try? TensorBoardEvent(serializedBytes: Array(record)), event.step <= step
    {
      if position == 0, event.fileVersion.isEmpty { throw .notAnEventFile(path: path) }
      position += record.count + TFRecord.overhead
    }
    if position == 0 { throw .notAnEventFile(path: path) }
    return position
  }

  private static func open(_ path: String, _ flags: Int32) throws(EventLogError) -> Int32 {
    let descriptor = Foundation.open(path, flags | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw systemError(path) }
    return descriptor
  }

  private static func write(
    _ bytes: [UInt8], to descriptor: Int32, _ path: String
  ) throws(EventLogError) {
    var offset = 0
    while offset < bytes.count {
      let written = bytes.withUnsafeBytes { buffer in
        buffer.baseAddress.map {
          Foundation.write(descriptor, $0 + offset, buffer.count - offset)
        } ?? 0
      }
      if written < 0 && errno == EINTR { continue }
      guard written > 0 else { throw systemError(path) }
      offset += written
    }
  }

  private static func systemError(_ path: String) -> EventLogError {
    EventLogError(FileError(last: path))
  }
}
