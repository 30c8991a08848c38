internal import Files
internal import Foundation
package import Tensors

/// Where the pixels of a data set come from.
package protocol PixelSource: Sendable {
  /// The number of images.
  var count: Int { get }
  /// `[height, width, channels]` of every image.
  var imageShape: Shape { get }

  /// Writes the pixels of images, row-major and channels-last, one image after the other.
  func read(
    _ positions: [Int], into target: UnsafeMutablePointer<UInt8>
  ) throws(DatasetError)

  /// Writes the pixels of images as ``read(_:into:)`` does, but goes on after one that cannot be
  /// read.
  ///
  /// - Returns: for every image what keeps it from being read, ``DatasetError/unreadable(_:)``; its
  ///   pixels are then not written.
  func readAvailable(
    _ positions: [Int], into target: UnsafeMutablePointer<UInt8>
  ) throws(DatasetError) -> [DatasetError?]

  /// Feeds a hash with bytes that change when the pixels of the images do.
  func updateFingerprint(
    of positions: [Int], _ update: (UnsafeRawBufferPointer) -> Void
  ) throws(DatasetError)
}

extension PixelSource {
  /// Reads images that are one file: either all can be read or none.
  package func readAvailable(
    _ positions: [Int], into target: UnsafeMutablePointer<UInt8>
  ) throws(DatasetError) -> [DatasetError?] {
    try read(positions, into: target)
    return [DatasetError?](repeating: nil, count: positions.count)
  }
}

/// Pixels in memory.
struct MemoryPixels: PixelSource {
  let imageShape: Shape
  let bytes: [UInt8]

  var count: Int {
    imageShape.elementCount == 0 ? 0 : bytes.count / imageShape.elementCount
  }

  func read(_ positions: [Int], into target: UnsafeMutablePointer<UInt8>) throws(DatasetError) {
    let length = imageShape.elementCount
    bytes.withUnsafeBufferPointer { source in
      guard let base = source.baseAddress else { return }
      for (row, position) in positions.enumerated() {
        (target + row * length).update(from: base + position * length, count: length)
      }
    }
  }

  func updateFingerprint(
    of positions: [Int], _ update: (UnsafeRawBufferPointer) -> Void
  ) throws(DatasetError) {
    let length = imageShape.elementCount
    bytes.withUnsafeBytes { source in
      for position in positions {
        update(
          UnsafeRawBufferPointer(rebasing: source[position * length..<(position + 1) * length]))
      }
    }
  }
}

/// Feeds a hash with a file's path, size and time of change, in place of its contents.
package func updateFingerprint(
  ofFile path: String, _ update: (UnsafeRawBufferPointer) -> Void
) throws(DatasetError) {
  let attributes: [FileAttributeKey: Any]
  do {
    attributes = try FileManager.default.attributesOfItem(atPath: path)
  } catch { throw .inaccessible(file: path, reason: SystemReason.of(error)) }
  let size = (attributes[.size] as? NSNumber)?.int64Value ?? 0
  let changed = (attributes[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
  Array("\(path) \(size) \(changed)\n".utf8).withUnsafeBytes(update)
}
