/// The library's name for an open object; valid as long as the object it was asked of.
public struct HDF5Identifier: Sendable {
  let raw: Int64
}
