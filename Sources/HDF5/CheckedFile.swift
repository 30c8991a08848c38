internal import Synchronization

/// What was checked of a file that is read, shared by everything opened from it.
final class CheckedFile: Sendable {
  private let state: Mutex<HeaderCheck>

  init(_ file: RawFile) { state = Mutex(HeaderCheck(of: file)) }

  /// Checks the header of an object unless it was checked before.
  ///
  /// - Throws: ``HDF5Error/corruptFile(_:reason:)``, ``HDF5Error/externalLink(_:target:)``,
  ///   ``HDF5Error/unsupportedStorage(_:found:)``.
  func check(at address: Int) throws(HDF5Error) {
    try state.withLock { (check) throws(HDF5Error) in try check.check(at: address) }
  }

  /// The file, and the chunks of a dataset whose header is at an address.
  func chunks(at address: Int) -> (file: RawFile, dataset: ChunkedDataset?) {
    state.withLock { ($0.file, $0.chunked[address]) }
  }
}
