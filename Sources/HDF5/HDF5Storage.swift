/// How the elements of a new dataset are laid out in the file.
public struct HDF5Storage: Hashable, Sendable {
  /// The extents of a chunk; `nil` for one contiguous block.
  var chunkShape: [Int]?
  /// Whether chunks are chosen from the dataset's shape.
  var choosesChunks = false
  /// The gzip level, 0 to 9; `nil` for none.
  var gzipLevel: Int?
  /// Whether the bytes of the elements are grouped by significance before gzip.
  var shuffles = false
  /// Whether each chunk carries a checksum that is verified when it is read.
  var hasChecksum = false

  /// One block, uncompressed: the fastest to read and write.
  public static let contiguous = HDF5Storage()

  /// Chunks, which can be compressed and checked.
  ///
  /// - Parameters:
  ///   - shape: the extents of a chunk, as many as the dataset has; `nil` chooses rows of about
  ///     a mebibyte.
  ///   - gzip: the level, 0 (none) to 9 (smallest); `nil` for no compression.
  ///   - shuffle: groups bytes by significance before gzip, which helps numbers.
  ///   - checksum: adds a Fletcher checksum to each chunk, verified on reading.
  public static func chunked(
    shape: [Int]? = nil, gzip: Int? = nil, shuffle: Bool = false, checksum: Bool = false
  ) -> HDF5Storage {
    HDF5Storage(
      chunkShape: shape, choosesChunks: shape == nil, gzipLevel: gzip, shuffles: shuffle,
      hasChecksum: checksum)
  }

  /// The chunk for a dataset: `nil` if it is stored in one block.
  ///
  /// Scalars and empty datasets cannot be chunked.
  func chunk(for shape: [Int], elementSize: Int) -> [Int]? {
    guard !shape.isEmpty, !shape.contains(0) else { return nil }
    if let chunkShape { return chunkShape }
    guard choosesChunks else { return nil }
    var chunk = shape
    var bytes = shape.reduce(elementSize, *)
    for axis in chunk.indices where bytes > 1 << 20 {
      let inner = bytes / chunk[axis]
      chunk[axis] = max(1, (1 << 20) / inner)
      bytes = inner * chunk[axis]
    }
    return chunk
  }
}
