internal import Boxes

extension ImageDataset {
  /// The classes of an annotation, or of the samples themselves.
  ///
  /// - Throws: ``DatasetError/unknownName(kind:name:nearest:known:)``.
  public func classList(
    of annotation: String = ImageDataset.classAnnotation
  ) throws(DatasetError) -> ClassList {
    ClassList(owner: name, names: try self.annotation(annotation).classNames)
  }

  /// How the classes of an annotation are matched to others.
  ///
  /// - Throws: ``DatasetError/classes(_:)`` if a sample has a class that is not among them.
  public func matching(
    of annotation: String = ImageDataset.classAnnotation, to expected: ClassList
  ) throws(DatasetError) -> ClassMatching {
    let set = try self.annotation(annotation)
    let found = ClassList(owner: name, names: set.classNames)
    do throws(ClassMismatch) {
      // Labels are only looked at where it matters which of them there are.
      return try ClassMatching(found, to: expected)
    } catch {
      let isUsed = set.usedClasses
      do throws(ClassMismatch) {
        return try ClassMatching(found, to: expected) { isUsed[$0] }
      } catch { throw .classes(error) }
    }
  }

  /// The same samples with the classes of an annotation, or of the samples themselves, replaced by those
  /// that they were matched to.
  ///
  /// - Throws: ``DatasetError/unknownName(kind:name:nearest:known:)``.
  /// - Precondition: the matching is of these classes.
  public func relabelled(
    _ annotation: String = ImageDataset.classAnnotation, by matching: ClassMatching
  ) throws(DatasetError) -> ImageDataset {
    let set = try self.annotation(annotation)
    precondition(
      set.classNames.count == matching.indices.count, "ImageDataset: the matching of other classes")
    if matching.keepsLabels, matching.names == set.classNames { return self }
    let relabelled = set.relabelled(by: matching)
    guard annotation == ImageDataset.classAnnotation else { return replacing(relabelled) }
    guard case .classes(let names, let labels) = relabelled.content else { return self }
    return replacing(classNames: names, labels: labels)
  }

  /// The same samples with their classes replaced by expected ones, and a remark if that is not plain.
  ///
  /// - Throws: ``DatasetError/classes(_:)`` if a sample has a class that is not among them.
  func matched(to expected: ClassList) throws(DatasetError) -> ImageDataset {
    let matching = try matching(to: expected)
    var dataset = try relabelled(by: matching)
    if let remark = matching.remark { dataset.remarks.append(remark) }
    return dataset
  }
}

extension AnnotationSet {
  /// Whether any sample is of each class, has an object of it, or a pixel; all are for real numbers.
  var usedClasses: [Bool] {
    var isUsed = [Bool](repeating: false, count: classNames.count)
    switch content {
    case .classes(_, let labels):
      for label in labels where label >= 0 { isUsed[Int(label)] = true }
    case .multiLabel(_, let rows):
      for label in rows.lazy.compactMap({ $0 }).joined() { isUsed[Int(label)] = true }
    case .boxes(_, let rows):
      for object in rows.lazy.compactMap({ $0 }).joined() { isUsed[Int(object.category)] = true }
    case .classMaps(let names, let ignored, let maps):
      for sample in 0..<maps.count where maps.isPresent(sample) {
        maps.withMap(sample) { map in
          for element in map where Int(element) < names.count { isUsed[Int(element)] = true }
        }
      }
      if let ignored, isUsed.indices.contains(Int(ignored)) { isUsed[Int(ignored)] = false }
    case .values: isUsed = isUsed.map { _ in true }
    case .depth: break
    }
    return isUsed
  }

  /// The annotations with other classes.
  fileprivate func relabelled(by matching: ClassMatching) -> AnnotationSet {
    let (names, indices) = (matching.names, matching.indices)
    let content: Content =
      switch content {
      case .classes(_, let labels):
        .classes(names: names, labels: labels.map { $0 < 0 ? $0 : indices[Int($0)] })
      case .multiLabel(_, let rows):
        .multiLabel(names: names, labels: rows.map { $0?.map { indices[Int($0)] }.sorted() })
      case .values(_, let rows):
        // What a sample has no value of is not known.
        .values(names: names, rows: rows.map { $0.flatMap { matching.values($0) } })
      case .boxes(_, let rows):
        .boxes(
          names: names,
          rows: rows.map { row in
            row?.map { object in
              var object = object
              object.category = indices[Int(object.category)]
              return object
            }
          })
      case .classMaps(_, let ignored, let maps): matching.classMaps(maps, ignored: ignored)
      case .depth: content
      }
    return replacing(content)
  }
}

extension ClassMatching {
  /// A row of values, one for each name; nil if there is a name that it has no value of.
  fileprivate func values(_ row: [Float]) -> [Float]? {
    var values = [Float?](repeating: nil, count: names.count)
    for (value, index) in zip(row, indices) where index >= 0 { values[Int(index)] = value }
    let known = values.compactMap { $0 }
    return known.count == names.count ? known : nil
  }

  /// Class maps with other classes; the ignored value goes where no class is.
  fileprivate func classMaps(
    _ maps: AnnotationMaps<UInt8>, ignored: Int32?
  ) -> AnnotationSet.Content {
    let outside = ignored.map { UInt8(clamping: $0) }
    let moved: UInt8 = outside.map { max($0, UInt8(clamping: names.count)) } ?? .max
    var table = [UInt8](repeating: moved, count: 256)
    for (element, index) in indices.enumerated() where index >= 0 && element < table.count {
      table[element] = UInt8(clamping: index)
    }
    if let outside { table[Int(outside)] = moved }
    return .classMaps(
      names: names, ignored: ignored.map { _ in Int32(moved) }, maps: maps.mapped { table[Int($0)] }
    )
  }
}
