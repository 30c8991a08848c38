/// One data set to measure on, as the command line names it.
public struct DataRequest: Hashable, Sendable {
  /// The kind of data set; nil for what was trained on, with other settings.
  public var dataset: String?
  /// Its folder or file.
  public var path: String?
  /// Arguments of `--set` for its section, such as `data.size=32`.
  public var overrides: [String]

  /// Creates a request.
  public init(dataset: String? = nil, path: String? = nil, overrides: [String] = []) {
    self.dataset = dataset
    self.path = path
    self.overrides = overrides
  }

  /// Reads the requests of a command line, in which the order of the options has a meaning.
  ///
  /// `--dataset` begins a data set, to which the `--data-path` and the `--set` after it belong. A
  /// `--set` before any, or of a key that was set already, begins one too: that of the run with
  /// other settings, or the same `--dataset` again with one setting changed.
  ///
  /// - Parameter arguments: those of the command; other options are passed over.
  /// - Throws: ``DataRequestError``.
  public static func all(in arguments: [String]) throws(DataRequestError) -> [DataRequest] {
    var requests: [DataRequest] = []
    var index = 0
    while index < arguments.count {
      let argument = arguments[index]
      index += 1
      if argument == "--" { break }
      guard let option = names.first(where: { argument == $0 || argument.hasPrefix($0 + "=") })
      else { continue }
      var value = String(argument.dropFirst(option.count + 1))
      if argument == option {
        guard index < arguments.count else { break }
        value = arguments[index]
        index += 1
      }
      switch option {
      case "--dataset": requests.append(DataRequest(dataset: value))
      case "--data-path":
        guard let last = requests.last, last.dataset != nil else { throw .pathAlone(value) }
        guard last.path == nil else { throw .pathTwice(last.path ?? "", value) }
        requests[requests.count - 1].path = value
      default:
        let key = DataRequest.key(of: value)
        if let last = requests.last,
          !last.overrides.contains(where: { DataRequest.key(of: $0) == key })
        {
          requests[requests.count - 1].overrides.append(value)
        } else {
          // The same data with another value, and all else as before.
          let kept = (requests.last?.overrides ?? []).filter { DataRequest.key(of: $0) != key }
          requests.append(
            DataRequest(
              dataset: requests.last?.dataset, path: requests.last?.path, overrides: kept + [value])
          )
        }
      }
    }
    return requests
  }

  private static let names = ["--dataset", "--data-path", "--set"]

  private static func key(of override: String) -> Substring {
    override.prefix { $0 != "=" }
  }
}

/// An order of options that means nothing.
public enum DataRequestError: Error, Equatable, CustomStringConvertible {
  /// A path of no data set.
  case pathAlone(String)
  /// Two paths of one data set.
  case pathTwice(String, String)

  /// Explanation of the error and its remedy.
  public var description: String {
    switch self {
    case .pathAlone(let path):
      "--data-path needs --dataset before it, the name of what is in \(path)"
    case .pathTwice(let first, let second):
      "--data-path \(second) stands after --data-path \(first): give --dataset before each"
    }
  }
}
