import Foundation
import Synchronization

/// How often someone has pressed Ctrl-C or asked the process to end.
///
/// A signal handler can reach nothing but globals; these are constant and hold one atomic each.
private let requests = Atomic(0)
/// The address of the last words of a process that ends at once; 0 while it first saves.
private let lastWords = Atomic(UInt(0))

/// Takes Ctrl-C (SIGINT) and SIGTERM as a wish to stop, with status 130.
enum Interruption {
  /// Takes over the signals; until ``savesFirst()`` there is nothing to save.
  static func watch() {
    endsAtOnce(saying: "interrupted before the first step; nothing is lost")
    for number in [SIGINT, SIGTERM] {
      signal(number) { _ in
        if let words = UnsafePointer<CChar>(bitPattern: lastWords.load(ordering: .relaxed)) {
          _ = write(STDERR_FILENO, words, strlen(words))
          _exit(130)
        }
        if requests.add(1, ordering: .relaxed).oldValue >= 1 { _exit(130) }
      }
    }
  }

  /// From now on a signal is a request that training answers by saving; a second one ends at once.
  static func savesFirst() { lastWords.store(0, ordering: .relaxed) }

  /// From now on a signal ends the process.
  static func endsAtOnce(saying message: String) {
    let lineBreak = isatty(STDERR_FILENO) == 1 ? "\n" : ""
    // Never freed, as a signal may come at any time.
    let words = strdup("\(lineBreak)note: \(message)\n")
    lastWords.store(UInt(bitPattern: words), ordering: .relaxed)
  }

  /// Whether a stop was asked for.
  static var isRequested: Bool { requests.load(ordering: .relaxed) > 0 }
}
