internal import Files
internal import Tensors

/// Makes data sets of texts: windows of consecutive characters, each labelled with the character
/// after it.
///
/// A window is held as an image of one row and one channel whose pixels are the characters' numbers,
/// so that whatever reads, splits and batches images does so with text. Windows do not overlap.
public enum TextDataset {
  /// The windows of one part of a text, which is divided by position.
  ///
  /// - Parameters:
  ///   - text: a byte for each character.
  ///   - windows: which of the text's windows.
  ///   - size: the characters of a window.
  /// - Precondition: the text has a character after every window.
  static func dataset(
    name: String, text: [UInt8], windows: Range<Int>, size: Int
  ) -> ImageDataset {
    let characters = Set(text).sorted()
    var numbers = [UInt8](repeating: 0, count: 256)
    for (number, character) in characters.enumerated() {
      numbers[Int(character)] = UInt8(number)
    }
    return ImageDataset(
      name: name, imageShape: [1, size, 1], classNames: characters.map(TextDataset.name),
      pixels: text[windows.lowerBound * size..<windows.upperBound * size].map { numbers[Int($0)] },
      labels: windows.map { Int32(numbers[Int(text[($0 + 1) * size])]) })
  }

  /// How a character is called: itself if it is printable, else its number.
  private static func name(of byte: UInt8) -> String {
    (0x21...0x7E).contains(byte)
      ? String(UnicodeScalar(byte)) : "0x" + String(byte, radix: 16, uppercase: true)
  }

  /// The windows of one part of a file.
  ///
  /// - Parameter testFraction: the share of the windows, at the file's end, that tests.
  /// - Throws: ``DatasetError`` if the file cannot be read or has too few characters.
  static func file(
    _ path: String, name: String, part: DatasetPart, size: Int, testFraction: Double
  ) throws(DatasetError) -> ImageDataset {
    let text = TextFile.withoutMark(try readFile(path))
    // Two windows to train and validate, one to test, and the character after it.
    guard text.count > 3 * size else {
      throw .malformed(
        file: path, what: "the text", expected: "more than \(3 * size) characters",
        found: "\(text.count)")
    }
    let windows = (text.count - 1) / size
    let tests = min(max(Int((Double(windows) * testFraction).rounded()), 1), windows - 2)
    var windowed = dataset(
      name: "\(name)/\(part.rawValue)", text: text,
      windows: part == .train ? 0..<windows - tests : windows - tests..<windows, size: size)
    if part == .test {
      windowed.remarks.append("\(path): the test part is the end of the text, \(tests) windows")
    }
    return windowed
  }

  /// The windows of one part of a text of generated sentences.
  static func generated(
    part: DatasetPart, samples: Int, testSamples: Int, size: Int, seed: UInt64
  ) -> ImageDataset {
    let length = (samples + testSamples) * size + 1
    var source = SentenceSource(seed: seed)
    var text = SentenceSource.alphabet
    while text.count < length { text += Array(source.sentence().utf8) }
    return dataset(
      name: "text/\(part.rawValue)", text: Array(text.prefix(length)),
      windows: part == .train ? 0..<samples : samples..<samples + testSamples, size: size)
  }
}

/// Endless sentences of a small grammar: subjects and verbs agree, over relative clauses as well,
/// and whoever is given something has it in the next sentence.
struct SentenceSource {
  /// Every character there is, once, so that any text of the source has the same ones.
  static let alphabet = Array("abcdefghijklmnopqrstuvwxyz,. ".utf8)

  private static let nouns = [
    "cat", "dog", "bird", "girl", "boy", "king", "robot", "gardener", "teacher", "sailor",
  ]
  private static let adjectives = ["small", "old", "quiet", "green", "clever", "tired"]
  private static let verbs = ["see", "like", "follow", "hear", "help", "know"]
  private static let things = ["lamp", "book", "ball", "letter", "basket", "violin"]
  private static let names = ["anna", "ben", "clara", "david", "emil", "frida"]

  private var random: RandomSource

  init(seed: UInt64) { random = RandomSource(seed: seed, purpose: "sentences") }

  private mutating func choose(_ words: [String]) -> String {
    words[min(Int(random.uniform() * Double(words.count)), words.count - 1)]
  }

  /// A sentence with a full stop and a space.
  mutating func sentence() -> String {
    guard random.uniform() < 0.4 else {
      let isPlural = random.uniform() < 0.5
      return "\(phrase(isPlural, depth: 0)) \(predicate(isPlural, depth: 0)). "
    }
    let giver = choose(SentenceSource.names)
    let taker = choose(SentenceSource.names.filter { $0 != giver })
    let thing = choose(SentenceSource.things)
    return "\(giver) gives \(taker) the \(thing). now \(taker) has the \(thing). "
  }

  private mutating func phrase(_ isPlural: Bool, depth: Int) -> String {
    let adjective =
      random.uniform() < 0.4 ? choose(SentenceSource.adjectives) + " " : ""
    let noun = choose(SentenceSource.nouns) + (isPlural ? "s" : "")
    let clause =
      depth < 2 && random.uniform() < 0.3
      ? " that \(predicate(isPlural, depth: depth + 1))," : ""
    return "the \(adjective)\(noun)\(clause)"
  }

  private mutating func predicate(_ isPlural: Bool, depth: Int) -> String {
    let verb = choose(SentenceSource.verbs) + (isPlural ? "" : "s")
    return "\(verb) \(phrase(random.uniform() < 0.5, depth: depth + 1))"
  }
}
