import ArgumentParser
import Datasets
import Foundation
import Recipes
import Terminal

struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data",
    abstract: "List, fetch and verify data sets.",
    discussion: """
        cleave data list
        cleave data fetch cifar10
        cleave data verify cifar10
      """,
    subcommands: [List.self, Fetch.self, Verify.self])

  struct Place: ParsableArguments {
    @Option(
      help: ArgumentHelp(
        "Where data sets are kept; CLEAVE_DATA, or cleave/ under the user's data folder.",
        valueName: "dir"))
    var directory: String?

    var root: DataDirectory { directory.map { DataDirectory(root: $0) } ?? DataDirectory() }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the data sets a recipe can name, and which can be fetched.")

    @OptionGroup var place: Place
    @OptionGroup var shared: SharedOptions

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
          let folder = entry.map { root.folder(of: $0.name) }
          return Answer.Row(
            name: kind.rawValue, fetchable: entry != nil, folder: folder,
            present: folder.map { FileManager.default.fileExists(atPath: $0) } ?? false,
            summary: entry?.summary ?? "read from data.path, or rendered")
        }
        if shared.json {
          print(try Experiment.json(Answer(datasets: rows)))
          return
        }
        var table = TextTable(header: ["name", "fetched", "what"])
        for row in rows {
          table.append([
            row.name, row.fetchable ? (row.present ? "yes" : "no") : "–", row.summary,
          ])
        }
        table.write(to: FileSink.standardOutput)
        FileSink.standardOutput.write("\nFetched data sets are kept in \(root.root).\n")
      }
    }
  }

  struct Fetch: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Fetch a public data set, continuing where an earlier transfer stopped.",
      discussion: "Each file is checked against its published checksum before it gets its name.")

    @Argument(help: "The data set, such as cifar10.")
    var name: String

    @OptionGroup var place: Place
    @OptionGroup var shared: SharedOptions

    private struct Answer: Encodable {
      let name: String
      let folder: String
    }

    func run() throws {
      try reporting {
        let observer = ConsoleObserver()
        let folder = try DatasetCatalog.official.fetch(name, into: place.root) {
          observer.progressed(
            $0.subject, unit: $0.unit.rawValue, done: $0.completed, of: $0.total ?? $0.completed)
        }
        observer.finish()
        if shared.json {
          print(try Experiment.json(Answer(name: name, folder: folder)))
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
    @OptionGroup var shared: SharedOptions

    private struct Answer: Encodable {
      let name: String
      let intact: Bool
      let files: [String: String]
    }

    func run() throws {
      try reporting {
        let files = try DatasetCatalog.official.verify(name, in: place.root)
        let intact = !files.isEmpty && files.allSatisfy { $0.state == .intact }
        if shared.json {
          let states = files.map { ($0.file, "\($0.state)") }
          print(
            try Experiment.json(
              Answer(
                name: name, intact: intact,
                files: Dictionary(states) { first, _ in first })))
        } else {
          for file in files { FileSink.standardOutput.write("\(file.file): \(file.state)\n") }
        }
        if !intact {
          throw CommandFailure(
            message: "\(name) is not intact; run `cleave data fetch \(name)`", status: 1)
        }
      }
    }
  }
}
