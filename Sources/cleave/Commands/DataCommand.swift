import ArgumentParser
import Datasets
import Foundation
import Recipes
import Reports
import Terminal

struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data",
    abstract: "List, fetch and verify data sets.",
    discussion: """
      Examples:
        cleave data list
        cleave data fetch cifar10
        cleave data verify cifar10
        cleave data write Recipes/navisplit/drone-depth.yaml --output drone.h5
      """,
    subcommands: [List.self, Fetch.self, Verify.self, Write.self])

  struct Place: ParsableArguments {
    @Option(
      help: ArgumentHelp(
        "Where data sets are kept. (default: CLEAVE_DATA, or ~/.local/share/cleave)",
        valueName: "dir"))
    var directory: String?

    var root: DataDirectory { directory.map { DataDirectory(root: $0) } ?? DataDirectory() }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the data sets a recipe can name, and which can be fetched.")

    @OptionGroup var place: Place
    @OptionGroup var shared: OutputOptions

    private struct Answer: Encodable {
      struct Row: Encodable {
        let name: String
        let fetchable: Bool
        let folder: String?
        let present: Bool
        let summary: String
      }
      let datasets: [Row]
    }

    func run() throws {
      try reporting {
        let root = place.root
        let rows = DatasetKind.allCases.map { kind in
          let entry = DatasetCatalog.official.entries.first { $0.name == kind.rawValue }
          let folder = kind.folder(in: root)
          return Answer.Row(
            name: kind.rawValue, fetchable: entry != nil, folder: folder, present: folder != nil,
            summary: entry?.summary ?? kind.summary)
        }
        if shared.json {
          try Output.json(Answer(datasets: rows))
          return
        }
        var table = TextTable(header: ["name", "what", "where"])
        for row in rows {
          let place = row.folder ?? (row.fetchable ? "not fetched" : "–")
          table.append([row.name, row.summary, place])
        }
        table.write(to: FileSink.standardOutput)
        FileSink.standardOutput.write(
          "\n`cleave data fetch NAME` puts a data set into \(root.root).\n")
      }
    }
  }

  struct Fetch: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Fetch a public data set, continuing where an earlier transfer stopped.",
      discussion: """
        Each file is checked against its published checksum before it gets its name. \
        `cleave data list` names the data sets that can be fetched.
        """)

    @Argument(help: "The data set, such as cifar10.")
    var name: String

    @OptionGroup var place: Place
    @OptionGroup var shared: OutputOptions

    private struct Answer: Encodable {
      let name: String
      let folder: String
    }

    func run() throws {
      try reporting {
        let observer = ConsoleObserver()
        // Also before an error is printed.
        defer { observer.finish() }
        let folder = try DatasetCatalog.official.fetch(name, into: place.root) {
          observer.progressed(
            $0.subject, unit: $0.unit.rawValue, done: $0.completed, of: $0.total ?? $0.completed)
        }
        observer.finish()
        if shared.json {
          try Output.json(Answer(name: name, folder: folder))
        } else {
          FileSink.standardOutput.write("\(name) is in \(folder).\n")
        }
      }
    }
  }

  struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Compare a fetched data set with its checksums.")

    @Argument(help: "The data set, such as cifar10.")
    var name: String

    @OptionGroup var place: Place
    @OptionGroup var shared: OutputOptions

    private struct Answer: Encodable {
      let name: String
      let intact: Bool
      let files: [String: String]
    }

    func run() throws {
      try reporting {
        let files = try DatasetCatalog.official.verify(name, in: place.root)
        guard files.contains(where: { $0.state != .missing }) else {
          throw CommandFailure(
            message: "\(name) has not been fetched to \(place.root.folder(of: name)); "
              + "`cleave data fetch \(name)` does that", status: 1)
        }
        let intact = !files.isEmpty && files.allSatisfy { $0.state == .intact }
        if shared.json {
          let states = files.map { ($0.file, "\($0.state)") }
          try Output.json(
            Answer(
              name: name, intact: intact, files: Dictionary(states) { first, _ in first }))
        } else {
          for file in files { FileSink.standardOutput.write("\(file.file): \(file.state)\n") }
        }
        if !intact {
          throw CommandFailure(
            message: "\(name) is damaged; `cleave data fetch \(name)` repairs it", status: 1)
        }
      }
    }
  }
}

extension DataCommand {
  struct Write: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write a recipe's data set into an HDF5 file.",
      discussion: """
        Images, classes, class maps and distances of both parts, as data.name: hdf5 reads them: \
        rendered data sets for other programs, and images of many files as one.

        Example:
          cleave data write Recipes/navisplit/drone-depth.yaml --output drone.h5
        """)

    @Argument(help: "The recipe, a YAML file.")
    var recipe: String

    @OptionGroup var overrides: OverrideOptions

    @Option(help: ArgumentHelp("The file to write.", valueName: "file"))
    var output: String

    @OptionGroup var shared: SharedOptions

    private struct Answer: Encodable {
      let file: String
      let arrays: [HDF5Arrays.Written]
    }

    func run() throws {
      let observer = ConsoleObserver()
      try reporting {
        let recipe = try Recipe(RecipeDocument(contentsOf: recipe, overrides: overrides.values))
        let arrays = try shared.withThreads {
          try Experiment.writeData(recipe, to: output, observer: observer)
        }
        observer.finish()
        if shared.json {
          try Output.json(Answer(file: output, arrays: arrays))
          return
        }
        var table = TextTable(header: ["array", "shape"], alignments: [.left, .left])
        for array in arrays {
          table.append([array.path, array.shape.map(grouped).joined(separator: " × ")])
        }
        table.write(to: FileSink.standardOutput)
        FileSink.standardOutput.write("\nwritten to \(output)\n")
      }
    }
  }
}

extension DatasetKind {
  /// Where a public data set is on this machine; nil if it is not, or has no place of its own.
  fileprivate func folder(in directory: DataDirectory) -> String? {
    switch self {
    case .fashionMNIST: return try? FashionMNIST.folder(directory: directory)
    case .cifar10, .cifar100:
      let folder = directory.folder(of: rawValue)
      return FileManager.default.fileExists(atPath: folder) ? folder : nil
    case .idx, .hdf5, .imageFolder, .maskFolder, .coco, .shapes, .drone, .text: return nil
    }
  }

  /// What a data set that cannot be fetched is.
  fileprivate var summary: String {
    switch self {
    case .idx: "the four IDX files of the MNIST family, in the folder data.path"
    case .hdf5:
      "data.images of the HDF5 file data.path with data.labels, data.masks or data.depth"
    case .maskFolder: "the images in data.images with the class maps in data.masks"
    case .coco: "objects in images, annotated in COCO's JSON, in the folder data.path"
    case .imageFolder: "image files, one folder a class, in the folder data.path"
    case .shapes: "3-D shapes, rendered when needed; data.label chooses what is told apart"
    case .drone:
      "what a drone sees in generated worlds, rendered when needed, with its depth"
    case .text: "the characters of the file data.path, or of generated sentences"
    case .fashionMNIST, .cifar10, .cifar100: ""
    }
  }
}
