/// The library's name for an open object; valid as long as the object it was asked of.
public struct HDF5Identifier: Sendable {
  let raw: Int64
  /// Checks of the file; `nil` in a file that is being written, whose headers are the library's own.
  let checked: CheckedFile?
}
