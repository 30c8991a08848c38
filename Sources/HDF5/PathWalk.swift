internal import CHDF5
internal import Suggestions

/// Follows a path one name at a time, so that no link can lead out of the file unseen.
struct PathWalk {
  private let base: Int64
  private let checked: CheckedFile?
  private let location: HDF5Location

  /// How many soft links a path may go through.
  private static let linkLimit = 32

  init(from container: borrowing some HDF5Container & ~Copyable) {
    base = container.identifier.raw
    checked = container.identifier.checked
    location = container.location
  }

  private func group(_ path: String) throws(HDF5Error) -> HDF5Handle {
    let base = base
    return try HDF5Library.handle("opening the group", at: location) { H5Gopen2(base, path, 0) }
  }

  /// Opens the group at a path.
  func openGroup(_ path: String) throws(HDF5Error) -> HDF5Handle {
    let handle = try open(path)
    try check(handle, is: H5I_GROUP, "a group", path)
    return handle
  }

  /// Opens the dataset at a path.
  func openDataset(_ path: String) throws(HDF5Error) -> HDF5Handle {
    let handle = try open(path)
    try check(handle, is: H5I_DATASET, "a dataset", path)
    return handle
  }

  private func check(
    _ handle: borrowing HDF5Handle, is kind: H5I_type_t, _ expected: String, _ path: String
  ) throws(HDF5Error) {
    guard handle.kind == kind else {
      throw .wrongKind(location.appending(path), expected: expected, found: handle.kindName)
    }
  }

  /// Opens the object at a path; `.` is the group the walk starts from.
  func open(_ path: String) throws(HDF5Error) -> HDF5Handle {
    var current = try group(path.hasPrefix("/") ? "/" : ".")
    var place =
      path.hasPrefix("/") ? HDF5Location(file: location.file) : location
    var pending = Array(HDF5Location.components(of: path).reversed())
    var followed = 0
    while let name = pending.popLast() {
      guard current.kind == H5I_GROUP else {
        throw .wrongKind(place, expected: "a group", found: current.kindName)
      }
      let next = HDF5Location(
        file: place.file, object: (place.object == "/" ? "" : place.object) + "/" + name)
      guard try current.hasLink(name, at: next) else {
        let names = try current.linkNames(byCreation: false, at: place)
        throw .missingObject(next, nearest: NearestName.of(name, among: names))
      }
      switch try current.link(name, at: next) {
      case .hard(let address):
        current = try current.child(name, address: address, checked: checked, at: next)
        place = next
      case .soft(let target):
        followed += 1
        guard followed <= PathWalk.linkLimit else { throw .linkCycle(next) }
        if target.hasPrefix("/") {
          current = try group("/")
          place = HDF5Location(file: location.file)
        }
        pending += HDF5Location.components(of: target).reversed()
      case .external(let file): throw .externalLink(next, target: file)
      case .other:
        throw .wrongKind(next, expected: "a group or dataset", found: "an unknown link")
      }
    }
    return current
  }
}
