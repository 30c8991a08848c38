internal import Tensors

/// Pixels of a source in grey or in colour.
struct ConvertedPixels: PixelSource {
  let source: any PixelSource
  /// 1 for grey, 3 for colour.
  let channels: Int

  var count: Int { source.count }

  var imageShape: Shape { [source.imageShape[0], source.imageShape[1], channels] }

  func read(
    _ positions: [Int], into target: UnsafeMutablePointer<UInt8>
  ) throws(DatasetError) {
    guard !positions.isEmpty else { return }
    let shape = source.imageShape
    let length = positions.count * shape.elementCount
    var failure: DatasetError?
    let bytes = [UInt8](unsafeUninitializedCapacity: length) { buffer, initialized in
      guard let base = buffer.baseAddress else { return }
      do throws(DatasetError) {
        try source.read(positions, into: base)
        initialized = length
      } catch { failure = error }
    }
    if let failure { throw failure }
    let image = PixelImage(
      height: positions.count * shape[0], width: shape[1], channels: shape[2], bytes: bytes)
    let converted = channels == 1 ? image.grey() : image.colour()
    target.update(from: converted.bytes, count: converted.bytes.count)
  }

  func updateFingerprint(
    of positions: [Int], _ update: (UnsafeRawBufferPointer) -> Void
  ) throws(DatasetError) {
    try source.updateFingerprint(of: positions, update)
  }
}
