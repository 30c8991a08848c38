internal import Tensors

/// The rows and columns of an image.
package struct ImageSize: Hashable, Sendable, CustomStringConvertible {
  package var height: Int
  package var width: Int

  package init(height: Int, width: Int) {
    self.height = height
    self.width = width
  }

  package var description: String { "\(height)×\(width)" }
}

/// Pixels of image files, decoded when they are asked for.
struct FilePixels: PixelSource {
  /// The sizes that annotations of the files were made for, and who says so.
  struct Annotated {
    /// One for each file.
    var sizes: [ImageSize]
    /// Words for messages.
    var reason: String
  }

  let imageShape: Shape
  let files: [String]
  /// Way of bringing images to the shape; nil: all must have it.
  let sizing: ImageSizing?
  /// Sizes that annotations are for; nil: pictures are turned as their Exif blocks say.
  var annotated: Annotated?

  var count: Int { files.count }

  func read(_ positions: [Int], into target: UnsafeMutablePointer<UInt8>) throws(DatasetError) {
    for case let failure? in try readAvailable(positions, into: target) { throw failure }
  }

  func readAvailable(
    _ positions: [Int], into target: UnsafeMutablePointer<UInt8>
  ) throws(DatasetError) -> [DatasetError?] {
    let length = imageShape.elementCount
    // Every image writes memory and an error slot of its own.
    var failures = [DatasetError?](repeating: nil, count: positions.count)
    failures.withUnsafeMutableBufferPointer { failures in
      nonisolated(unsafe) let failures = failures
      nonisolated(unsafe) let target = target
      ThreadPool.current.forEach(positions.count) { row in
        do throws(DatasetError) {
          let image = try decode(positions[row])
          (target + row * length).update(from: image.bytes, count: length)
        } catch { failures[row] = error }
      }
    }
    // What another size or annotation would mend is not for whoever skips what cannot be read.
    for case let failure? in failures {
      if case .unreadable = failure { continue }
      throw failure
    }
    return failures
  }

  private func decode(_ position: Int) throws(DatasetError) -> PixelImage {
    let file = files[position]
    let decoded: DecodedImage
    do throws(DatasetError) {
      decoded = try ImageFile.decoded(file)
    } catch { throw .unreadable(error) }
    var image = decoded.upright
    if let annotated {
      let size = annotated.sizes[position]
      guard let fitting = decoded.fitting(size) else {
        throw .malformed(
          file: file, what: "image size", expected: "\(size) \(annotated.reason)",
          found: "\(decoded.stored.size)")
      }
      image = fitting
    }
    if let sizing {
      return image.resized(height: imageShape[0], width: imageShape[1], sizing)
    }
    guard image.height == imageShape[0], image.width == imageShape[1] else {
      throw .malformed(
        file: file, what: "image size", expected: "\(imageShape) as the first image, or a `size`",
        found: "\(image.size)×3")
    }
    return image
  }

  func updateFingerprint(
    of positions: [Int], _ update: (UnsafeRawBufferPointer) -> Void
  ) throws(DatasetError) {
    // The same files make other pixels when they are sized otherwise.
    Array("\(imageShape) \(sizing.map { "\($0)" } ?? "as they are")\n".utf8)
      .withUnsafeBytes(update)
    for position in positions {
      try Datasets.updateFingerprint(ofFile: files[position], update)
    }
  }
}
