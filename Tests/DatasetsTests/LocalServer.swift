import Foundation
import Synchronization
import Testing

/// A web server on this machine that gives out files, in parts if asked, and can break off.
final class LocalServer: Sendable {
  /// How the server behaves, and what it has seen.
  struct State {
    var files: [String: [UInt8]] = [:]
    /// For each coming answer: after how many bytes of its body the connection is cut.
    var cuts: [Int] = []
    var honoursRanges = true
    /// The Range header of each request for a file, empty where there was none.
    var ranges: [String] = []
  }

  let state: Mutex<State>
  let port: Int
  private let listener: Int32

  init(files: [String: [UInt8]], cuts: [Int] = []) throws {
    state = Mutex(State(files: files, cuts: cuts))
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    try #require(listener >= 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = listener
    let bound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        bind(descriptor, pointer, length) == 0 && listen(descriptor, 16) == 0
          && getsockname(descriptor, pointer, &length) == 0
      }
    }
    try #require(bound)
    port = Int(UInt16(bigEndian: address.sin_port))
    // The thread holds the state only as long as it serves, so that the server can go.
    Thread.detachNewThread { [weak self] in
      while true {
        let connection = accept(descriptor, nil, nil)
        guard connection >= 0, let self else { return }
        self.serve(connection)
        close(connection)
      }
    }
  }

  deinit {
    shutdown(listener, Int32(SHUT_RDWR))
    close(listener)
  }

  func url(_ name: String) -> String { "http://127.0.0.1:\(port)/\(name)" }

  private func serve(_ connection: Int32) {
    var request: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while !String(decoding: request, as: UTF8.self).contains("\r\n\r\n") {
      let count = recv(connection, &buffer, buffer.count, 0)
      guard count > 0 else { return }
      request += buffer[..<count]
    }
    let lines = String(decoding: request, as: UTF8.self).components(separatedBy: "\r\n")
    let name = String(lines[0].split(separator: " ")[1].dropFirst())
    let range =
      lines.first { $0.lowercased().hasPrefix("range:") }?.dropFirst(6)
      .trimmingCharacters(in: .whitespaces) ?? ""
    let (file, cut, honours) = state.withLock { state in
      state.ranges.append(range)
      let cut = state.cuts.isEmpty ? nil : state.cuts.removeFirst()
      return (state.files[name], cut, state.honoursRanges)
    }
    guard let file else {
      reply(connection, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n", [])
      return
    }
    let start = honours ? Int(range.dropFirst("bytes=".count).prefix { $0 != "-" }) : nil
    if let start, start >= file.count {
      reply(connection, "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Length: 0\r\n", [])
      return
    }
    let body = Array(file[(start ?? 0)...])
    let status =
      start.map {
        "206 Partial Content\r\nContent-Range: bytes \($0)-\(file.count - 1)/\(file.count)"
      } ?? "200 OK"
    reply(
      connection, "HTTP/1.1 \(status)\r\nContent-Length: \(body.count)\r\n",
      Array(body.prefix(cut ?? body.count)))
  }

  private func reply(_ connection: Int32, _ head: String, _ body: [UInt8]) {
    let bytes = Array((head + "Connection: close\r\n\r\n").utf8) + body
    var offset = 0
    while offset < bytes.count {
      let count = bytes.withUnsafeBytes {
        send(
          connection, $0.baseAddress.map { $0 + offset }, bytes.count - offset, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return }
      offset += count
    }
    shutdown(connection, Int32(SHUT_WR))
  }
}
