import Foundation
import Synchronization

/// Whether someone has pressed Ctrl-C or asked the process to end.
///
/// A signal handler can reach nothing but a global; this one is constant and holds one atomic flag.
private let requests = Atomic(0)

enum Interruption {
  /// Takes over SIGINT and SIGTERM: the first asks for a stop, the second stops at once.
  static func watch() {
    for number in [SIGINT, SIGTERM] {
      signal(number) { _ in
        if requests.add(1, ordering: .relaxed).oldValue >= 1 { _exit(130) }
      }
    }
  }

  /// Whether a stop was asked for.
  static var isRequested: Bool { requests.load(ordering: .relaxed) > 0 }
}
