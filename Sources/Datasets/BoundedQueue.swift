internal import Dispatch
internal import Synchronization

/// A first-in first-out queue between one producer and one consumer with a limit on what waits.
final class BoundedQueue<Element: Sendable>: Sendable {
  private struct State {
    var elements: [Element] = []
    var isFinished = false
    var isClosed = false
  }

  private let state = Mutex(State())
  /// Counts free places; both semaphores start at 0 because libdispatch refuses to release one
  /// that is below its initial value.
  private let room = DispatchSemaphore(value: 0)
  /// Counts what a consumer should look at: elements, the end, or a closing.
  private let news = DispatchSemaphore(value: 0)

  init(capacity: Int) {
    for _ in 0..<capacity { room.signal() }
  }

  /// Producer: waits for a free place; false if the queue was closed.
  func waitForRoom() -> Bool {
    room.wait()
    return !state.withLock { $0.isClosed }
  }

  /// Producer: adds an element in the place it waited for.
  func put(_ element: Element) {
    state.withLock { if !$0.isClosed { $0.elements.append(element) } }
    news.signal()
  }

  /// Producer: nothing follows.
  func finish() {
    state.withLock { $0.isFinished = true }
    news.signal()
  }

  /// Consumer: the next element, waiting for it; nil at the end or once closed.
  func take() -> Element? {
    while true {
      news.wait()
      let (element, isOver): (Element?, Bool) = state.withLock { state in
        if state.isClosed { return (nil, true) }
        if !state.elements.isEmpty { return (state.elements.removeFirst(), false) }
        return (nil, state.isFinished)
      }
      if let element {
        room.signal()
        return element
      }
      if isOver {
        // A later call must find the same answer.
        news.signal()
        return nil
      }
    }
  }

  /// Either side: drops what waits and wakes whoever waits.
  func close() {
    state.withLock { state in
      state.isClosed = true
      state.elements = []
    }
    room.signal()
    news.signal()
  }
}
