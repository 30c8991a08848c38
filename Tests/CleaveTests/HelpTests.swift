import Foundation
import Testing

@Suite struct HelpTests {
  /// The commands, each with a file of its help.
  ///
  /// After a change that is meant, write the new text with `for c in …; do cleave $c --help > Tests/CleaveTests/Help/$c.txt; done`.
  static let commands = [
    "", "train", "search", "evaluate", "predict", "export", "inspect", "split", "validate", "data",
    "data list",
    "data fetch", "data verify", "data write", "fly", "bench", "codec", "codec encode",
    "codec decode", "codec stat", "sweep", "compare", "serve", "offload",
  ]

  @Test(arguments: commands)
  func helpIsTheTextThatWasRead(command: String) throws {
    let name = command.isEmpty ? "cleave" : command.replacing(" ", with: "-")
    let file = try #require(
      Bundle.module.url(forResource: name, withExtension: "txt", subdirectory: "Help"))
    let expected = String(decoding: try Data(contentsOf: file), as: UTF8.self)
    let folder = try TemporaryFolder()
    for words in ["\(command) --help", "help \(command)"] {
      let result = try folder.cleave(words)
      #expect(result.status == 0)
      #expect(result.output == expected)
      #expect(result.errors.isEmpty)
    }
  }

  @Test(arguments: commands)
  func noLineOfHelpIsWiderThanATerminalExceptUsage(command: String) throws {
    let folder = try TemporaryFolder()
    let help = try folder.cleave("\(command) --help").output
    for line in help.split(separator: "\n") where !line.hasPrefix("USAGE") {
      #expect(line.count <= 80)
    }
  }

  @Test(arguments: [
    ("trian x", "error: cleave has no command 'trian'; did you mean 'train'?\n"),
    ("help evalute", "error: cleave has no command 'evalute'; did you mean 'evaluate'?\n"),
    ("data ftch cifar10", "error: cleave data has no command 'ftch'; did you mean 'fetch'?\n"),
    ("x", "error: cleave has no command 'x'; its commands are train, search, evaluate, "),
    ("train a --otput b", "error: Unknown option '--otput'. Did you mean '--output'?\n"),
    ("train", "error: expected a recipe, or --resume with the folder of a run\n"),
    ("train a --output b --resume c", "error: --output and --resume cannot stand together"),
    ("train a --threads 0", "error: --threads expects 1 to 1024, found 0\n"),
    ("evaluate a --input-mean 1,x", "error: The value '1,x' is invalid for '--input-mean <a,b,c>'"),
    ("split a --at b --head h", "error: Missing expected argument '--tail <file>'\n"),
  ])
  func argumentsThatCannotBeUsedAreExplained(words: String, message: String) throws {
    let folder = try TemporaryFolder()
    let result = try folder.cleave(words)
    #expect(result.status == 2)
    #expect(result.output.isEmpty)
    #expect(result.errors.hasPrefix(message), "\(result.errors)")
  }

  @Test func theVersionIsANumber() throws {
    let folder = try TemporaryFolder()
    let result = try folder.cleave("--version")
    #expect(result.status == 0)
    #expect(result.output.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil)
  }
}
