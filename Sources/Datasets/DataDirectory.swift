internal import Foundation

/// Where data sets are kept and looked for on this machine.
public struct DataDirectory: Hashable, Sendable {
  /// The folder that holds a folder for each fetched data set.
  public let root: String

  /// Where Debian's package `dataset-fashion-mnist` puts its files.
  package static let debianFashionMNIST = "/usr/share/datasets/fashion-mnist"

  /// A directory at a path.
  public init(root: String) { self.root = root }

  /// The directory that environment variables, by default the process's, name: `CLEAVE_DATA`, or else `cleave` in
  /// `XDG_DATA_HOME`, or else `~/.local/share/cleave`.
  public init(environment: [String: String]? = nil) {
    let environment = environment ?? ProcessInfo.processInfo.environment
    if let root = environment["CLEAVE_DATA"], !root.isEmpty {
      self.root = root
    } else if let home = environment["XDG_DATA_HOME"], !home.isEmpty {
      root = joined(home, "cleave")
    } else {
      root = joined(environment["HOME"] ?? NSHomeDirectory(), ".local/share/cleave")
    }
  }

  /// The folder of a fetched data set, there or not.
  public func folder(of dataset: String) -> String { joined(root, dataset) }

  /// The first of several folders that holds a file.
  ///
  /// - Throws: ``DatasetError/notFound(dataset:searched:remedy:)``.
  func locate(
    _ dataset: String, among folders: [String], holding files: [String], remedy: String
  ) throws(DatasetError) -> String {
    for folder in folders where files.contains(where: { exists(joined(folder, $0)) }) {
      return folder
    }
    throw .notFound(dataset: dataset, searched: folders, remedy: remedy)
  }
}
