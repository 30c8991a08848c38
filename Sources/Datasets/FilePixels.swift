internal import Tensors

/// The rows and columns of an image.
struct ImageSize: Hashable, Sendable, CustomStringConvertible {
  var height: Int
  var width: Int

  var description: String { "\(height)×\(width)" }
}

/// Pixels of image files, decoded when they are asked for.
struct FilePixels: PixelSource {
  /// What is done with an image of another size than the data set's.
  enum Fit {
    /// It is an error.
    case exact
    /// It is scaled to cover the size, and its centre is cut out.
    case covering
    /// It is scaled to fit into the size, with black beside it; `sizes`, if given, are those that
    /// the files must have, one a file, and `reason` says why.
    case letterbox(sizes: [ImageSize]?, reason: String)
  }

  let imageShape: Shape
  let files: [String]
  let fit: Fit

  var count: Int { files.count }

  func read(_ positions: [Int], into target: UnsafeMutablePointer<UInt8>) throws(DatasetError) {
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
    for case let failure? in failures { throw failure }
  }

  private func decode(_ position: Int) throws(DatasetError) -> PixelImage {
    let file = files[position]
    let image: PixelImage
    switch fit {
    case .exact: image = try ImageFile.read(file)
    case .covering:
      image = try ImageFile.read(file, height: imageShape[0], width: imageShape[1])
    case .letterbox(let sizes, let reason):
      image = try ImageFile.readLetterboxed(
        file, height: imageShape[0], width: imageShape[1], expected: sizes?[position],
        reason: reason)
    }
    guard image.height == imageShape[0], image.width == imageShape[1] else {
      throw .malformed(
        file: file, what: "image size", expected: "\(imageShape) as the first image, or a `size`",
        found: "\(image.height)×\(image.width)×3")
    }
    return image
  }

  func updateFingerprint(
    of positions: [Int], _ update: (UnsafeRawBufferPointer) -> Void
  ) throws(DatasetError) {
    for position in positions {
      try Datasets.updateFingerprint(ofFile: files[position], update)
    }
  }
}
