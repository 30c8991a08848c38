internal import Files
internal import Foundation
internal import FoundationNetworking
internal import Synchronization

/// Brings one file over HTTP, continuing where an earlier transfer stopped.
///
/// What has arrived is in `<file>.part`, so that a broken transfer loses nothing; only a whole
/// file with the right checksum gets the file's own name.
struct FileTransfer: Sendable {
  let url: String
  /// Where the file goes.
  let destination: String
  /// The published checksum.
  let md5: String
  /// How often a transfer that broke is taken up again.
  var attempts = 4

  private var partial: String { destination + ".part" }

  /// Transfers and checks the file.
  ///
  /// - Throws: ``DatasetError``; after a broken transfer what arrived is kept, after a wrong
  ///   checksum it is not.
  func run(progress: DatasetProgress.Handler?) throws(DatasetError) {
    guard let address = URL(string: url), address.scheme != nil else {
      throw .transferFailed(url: url, reason: "not an address")
    }
    // A transfer may have been stopped after its last byte.
    if try !isComplete() {
      var attempt = 1
      while let reason = try transferOnce(address, progress) {
        guard attempt < attempts else { throw .transferFailed(url: url, reason: reason) }
        attempt += 1
      }
    }
    let found = try FileDigest.md5(partial)
    guard found == md5 else {
      unlink(partial)
      throw .checksumMismatch(file: url, expected: md5, found: found)
    }
    guard rename(partial, destination) == 0 else { throw systemError(destination) }
  }

  private func isComplete() throws(DatasetError) -> Bool {
    guard exists(partial) else { return false }
    return try FileDigest.md5(partial) == md5
  }

  /// One request for what is missing; the reason if it broke and is worth repeating.
  private func transferOnce(
    _ address: URL, _ progress: DatasetProgress.Handler?
  ) throws(DatasetError) -> String? {
    let descriptor = open(partial, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw systemError(partial) }
    defer { close(descriptor) }
    let offset = Int(lseek(descriptor, 0, SEEK_END))
    var request = URLRequest(
      url: address, cachePolicy: .reloadIgnoringLocalCacheData, timeoutInterval: 60)
    if offset > 0 { request.setValue("bytes=\(offset)-", forHTTPHeaderField: "Range") }
    let receiver = Receiver(
      descriptor: descriptor, file: partial, offset: offset, progress: progress)
    let session = URLSession(configuration: .ephemeral, delegate: receiver, delegateQueue: nil)
    session.dataTask(with: request).resume()
    let outcome = receiver.wait()
    session.finishTasksAndInvalidate()
    switch outcome {
    case .complete:
      guard fsync(descriptor) == 0 else { throw systemError(partial) }
      return nil
    case .broken(let reason): return reason
    case .unsatisfiable:
      // What is there is not the beginning of the file.
      guard ftruncate(descriptor, 0) == 0 else { throw systemError(partial) }
      return "the server has no bytes after \(offset)"
    case .refused(let reason): throw .transferFailed(url: url, reason: reason)
    case .failed(let error): throw error
    }
  }
}

/// Receives one response and appends its body to a file.
private final class Receiver: NSObject, URLSessionDataDelegate, Sendable {
  enum Outcome {
    case complete
    /// The connection failed; another attempt may succeed.
    case broken(String)
    /// The server has nothing at the offset.
    case unsatisfiable
    /// The server will not give the file.
    case refused(String)
    /// The file cannot be written.
    case failed(DatasetError)
  }

  private struct State {
    var completed: Int
    var total: Int?
    /// Why the transfer was given up here, if it was.
    var outcome: Outcome?
  }

  private let descriptor: Int32
  private let file: String
  private let progress: DatasetProgress.Handler?
  private let state: Mutex<State>
  private let done = DispatchSemaphore(value: 0)

  init(descriptor: Int32, file: String, offset: Int, progress: DatasetProgress.Handler?) {
    self.descriptor = descriptor
    self.file = file
    self.progress = progress
    state = Mutex(State(completed: offset))
  }

  func wait() -> Outcome {
    done.wait()
    return state.withLock { $0.outcome } ?? .complete
  }

  func urlSession(
    _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
    completionHandler: @escaping (URLSession.ResponseDisposition) -> Void
  ) {
    let outcome = state.withLock { state -> Outcome? in
      state.outcome = begin(response, &state)
      return state.outcome
    }
    completionHandler(outcome == nil ? .allow : .cancel)
  }

  private func begin(_ response: URLResponse, _ state: inout State) -> Outcome? {
    guard let response = response as? HTTPURLResponse else {
      return .refused("not an answer over HTTP")
    }
    switch response.statusCode {
    case 200:
      // The whole file, whether or not a part of it was asked for.
      guard ftruncate(descriptor, 0) == 0, lseek(descriptor, 0, SEEK_SET) == 0 else {
        return .failed(systemError(file))
      }
      state.completed = 0
    case 206:
      let range = response.value(forHTTPHeaderField: "Content-Range") ?? ""
      guard range.hasPrefix("bytes \(state.completed)-") else {
        return .refused("asked for bytes from \(state.completed), got '\(range)'")
      }
    case 416: return .unsatisfiable
    case 500...599: return .broken("HTTP status \(response.statusCode)")
    default: return .refused("HTTP status \(response.statusCode)")
    }
    if response.expectedContentLength >= 0 {
      state.total = state.completed + Int(response.expectedContentLength)
    }
    return nil
  }

  func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
    let report = state.withLock { state -> DatasetProgress? in
      guard state.outcome == nil else { return nil }
      do throws(DatasetError) {
        try writeAll(data, to: descriptor, file: file)
      } catch {
        state.outcome = .failed(error)
        return nil
      }
      state.completed += data.count
      return DatasetProgress(
        subject: file.replacingOccurrences(of: ".part", with: ""), unit: .bytes,
        completed: state.completed, total: state.total)
    }
    if let report { progress?(report) } else { dataTask.cancel() }
  }

  func urlSession(
    _ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?
  ) {
    state.withLock { state in
      guard state.outcome == nil else { return }
      if let error {
        state.outcome = .broken(SystemReason.of(error))
      } else if let total = state.total, state.completed < total {
        state.outcome = .broken("the connection ended after \(state.completed) of \(total) bytes")
      }
    }
    done.signal()
  }
}
