internal import HDF5
internal import Tensors

extension HDF5Arrays {
  /// One array that was written.
  public struct Written: Codable, Hashable, Sendable {
    /// Its path in the file.
    public var path: String
    /// Its extents.
    public var shape: [Int]
  }

  /// Writes parts of a data set into one file: images, classes, class maps and distances, each in the
  /// layout that a data set of the kind `hdf5` is read from.
  ///
  /// - Parameters:
  ///   - parts: each with the name of its group.
  ///   - path: the file; it is replaced whole or not at all.
  /// - Throws: ``DatasetError`` if an image cannot be read or the file not be written.
  public static func write(
    _ parts: [(name: String, dataset: ImageDataset)], to path: String
  ) throws(DatasetError) -> [Written] {
    var written: [Written] = []
    var failure: DatasetError?
    do throws(HDF5Error) {
      try HDF5File.writeAtomically(to: path) { (file) throws(HDF5Error) in
        for (name, dataset) in parts {
          func noted(_ array: String, _ shape: [Int]) -> String {
            written.append(Written(path: "\(name)/\(array)", shape: shape))
            return "\(name)/\(array)"
          }
          let count = dataset.count
          let pixels: [UInt8]
          do throws(DatasetError) {
            pixels = try dataset.bytes(at: Array(0..<count))
          } catch {
            failure = error
            return
          }
          var shape = [count] + dataset.imageShape.dimensions
          try file.write(pixels, to: noted("images", shape), shape: shape)
          try file.write(dataset.labels, to: noted("labels", [count]), shape: [count])
          for annotation in dataset.annotations {
            switch annotation.content {
            case .classMaps(_, _, let maps):
              shape = [count, maps.height, maps.width]
              let elements = (0..<count).flatMap { maps.withMap($0) { Array($0) } }
              try file.write(elements, to: noted("masks", shape), shape: shape)
            case .depth(let maps):
              shape = [count, maps.height, maps.width]
              let distances = (0..<count).flatMap { maps.withMap($0) { Array($0) } }
              try file.write(distances, to: noted("depth", shape), shape: shape)
            case .classes, .multiLabel, .values, .boxes: continue
            }
          }
        }
      }
    } catch { throw .hdf5(error) }
    if let failure { throw failure }
    return written
  }
}
