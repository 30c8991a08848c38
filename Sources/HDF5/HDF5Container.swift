internal import CHDF5

/// An open file or group: something that holds groups and datasets by name.
///
/// Paths are relative to it, or absolute if they start with `/`. Soft links are followed within
/// the file; a path through an external link is refused, and no other file is ever opened.
public protocol HDF5Container: HDF5Object, ~Copyable {}

extension HDF5Container where Self: ~Copyable {
  /// Opens a group.
  ///
  /// - Throws: ``HDF5Error/missingObject(_:nearest:)``,
  ///   ``HDF5Error/wrongKind(_:expected:found:)``, ``HDF5Error/externalLink(_:target:)``.
  public func group(_ path: String) throws(HDF5Error) -> HDF5Group {
    let place = location.appending(path)
    return HDF5Group(
      handle: try PathWalk(from: self).openGroup(path), location: place,
      checked: identifier.checked)
  }

  /// Opens a dataset.
  ///
  /// - Throws: ``HDF5Error/missingObject(_:nearest:)``,
  ///   ``HDF5Error/wrongKind(_:expected:found:)``, ``HDF5Error/externalLink(_:target:)``,
  ///   and what ``HDF5Dataset`` finds wrong with the dataset's shape or storage.
  public func dataset(_ path: String) throws(HDF5Error) -> HDF5Dataset {
    let place = location.appending(path)
    return try HDF5Dataset(
      handle: try PathWalk(from: self).openDataset(path), location: place,
      checked: identifier.checked)
  }

  /// Whether there is an object at a path, which may be nested.
  ///
  /// - Throws: ``HDF5Error/externalLink(_:target:)`` if the path leads out of the file.
  public func contains(_ path: String) throws(HDF5Error) -> Bool {
    do {
      _ = try PathWalk(from: self).open(path)
      return true
    } catch {
      switch error {
      case .missingObject, .wrongKind: return false
      default: throw error
      }
    }
  }

  /// Lists the links of this group.
  public func links(by order: HDF5Link.Order = .name) throws(HDF5Error) -> [HDF5Link] {
    let root = try PathWalk(from: self).open(".")
    let isTracked = try tracksCreationOrder(root)
    var names = try root.linkNames(byCreation: order == .creation && isTracked, at: location)
    if order == .name || !isTracked { names.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) } }
    var links: [HDF5Link] = []
    links.reserveCapacity(names.count)
    for name in names {
      links.append(HDF5Link(name: name, kind: try kind(of: name, in: root)))
    }
    return links
  }

  /// The paths of all datasets below this, relative to it, without following soft or external
  /// links; each group is visited once.
  ///
  /// - Throws: ``HDF5Error/failed(_:action:reason:)`` also if groups are nested over 64 deep.
  public func datasetPaths(by order: HDF5Link.Order = .name) throws(HDF5Error) -> [String] {
    var paths: [String] = []
    var seen: Set<UInt> = []
    try collectDatasets(under: "", order, &paths, &seen)
    return paths
  }

  private func collectDatasets(
    under prefix: String, _ order: HDF5Link.Order, _ paths: inout [String],
    _ seen: inout Set<UInt>
  ) throws(HDF5Error) {
    let id = identifier.raw
    var address: haddr_t = 0
    try HDF5Library.attempt("identifying the group", at: location) {
      cleave_hdf5_object_address(id, &address)
    }
    // A group can be reached by several names, even from below itself.
    guard seen.insert(UInt(address)).inserted else { return }
    guard HDF5Location.components(of: prefix).count <= 64 else {
      throw .failed(location, action: "listing datasets", reason: "more than 64 groups deep")
    }
    for link in try links(by: order) {
      switch link.kind {
      case .dataset: paths.append(prefix + link.name)
      case .group:
        try group(link.name).collectDatasets(under: prefix + link.name + "/", order, &paths, &seen)
      default: continue
      }
    }
  }

  private func tracksCreationOrder(_ group: borrowing HDF5Handle) throws(HDF5Error) -> Bool {
    let id = group.id
    let list = try HDF5Library.handle("reading the group's properties", at: location) {
      H5Gget_create_plist(id)
    }
    let listID = list.id
    var flags: UInt32 = 0
    try HDF5Library.attempt("reading the group's properties", at: location) {
      H5Pget_link_creation_order(listID, &flags)
    }
    return flags & cleave_hdf5_order_tracked() != 0
  }

  private func kind(
    of name: String, in group: borrowing HDF5Handle
  ) throws(HDF5Error) -> HDF5Link.Kind {
    let place = location.appending(name)
    switch try group.link(name, at: place) {
    case .hard(let address):
      let target = try group.child(
        name, address: address, checked: identifier.checked, at: place)
      switch target.kind {
      case H5I_GROUP: return .group
      case H5I_DATASET: return .dataset
      default: return .other
      }
    case .soft(let target): return .softLink(target: target)
    case .external(let file): return .externalLink(file: file)
    case .other: return .other
    }
  }
}
