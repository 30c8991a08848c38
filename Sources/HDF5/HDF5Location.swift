/// A place in an HDF5 file: the file's path and the path of an object within.
public struct HDF5Location: Hashable, Sendable, CustomStringConvertible {
  /// The path of the file.
  public let file: String

  /// The absolute path of the object within the file, such as `/conv1/kernel`; `/` is the root.
  public let object: String

  /// Creates a place from a file path and an absolute path within.
  public init(file: String, object: String = "/") {
    self.file = file
    self.object = object
  }

  /// The file and the path within it, separated by a colon.
  public var description: String { "\(file):\(object)" }

  /// The place of a path that is read relative to this one, unless it starts with `/`.
  package func appending(_ path: String) -> HDF5Location {
    let base = path.hasPrefix("/") ? [] : HDF5Location.components(of: object)
    let all = base + HDF5Location.components(of: path)
    return HDF5Location(file: file, object: "/" + all.joined(separator: "/"))
  }

  /// The names in a path, without empty ones and `.`.
  static func components(of path: String) -> [String] {
    path.split(separator: "/").filter { $0 != "." }.map(String.init)
  }
}
