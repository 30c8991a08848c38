internal import Boxes

extension AnnotationSet {
  /// Feeds everything that is known of the samples to a hash.
  func updateFingerprint(_ update: (UnsafeRawBufferPointer) -> Void) {
    func add(_ text: String) { Array((text + "\n").utf8).withUnsafeBytes(update) }
    func add<Number>(_ numbers: [Number]) {
      add("\(numbers.count)")
      numbers.withUnsafeBytes(update)
    }
    for text in [name, kind] + classNames { add(text) }
    switch content {
    case .classes(_, let labels): add(labels)
    case .multiLabel(_, let rows):
      for row in rows { if let row { add(row) } else { add("not known") } }
    case .values(_, let rows):
      for row in rows { if let row { add(row) } else { add("not known") } }
    case .boxes(_, let rows):
      for row in rows {
        guard let row else {
          add("not known")
          continue
        }
        var numbers: [Float] = []
        for object in row {
          let (box, kind) = (object.box, Float(object.category))
          numbers += [box.left, box.top, box.right, box.bottom, object.area, kind]
          numbers.append(object.isCrowd ? 1 : 0)
        }
        add(numbers)
      }
    case .classMaps(_, let ignored, let maps):
      add("\(ignored ?? -1)")
      maps.updateFingerprint(update)
    case .depth(let maps): maps.updateFingerprint(update)
    }
  }
}

extension AnnotationMaps {
  /// Feeds all maps to a hash, and which of them are annotations.
  fileprivate func updateFingerprint(_ update: (UnsafeRawBufferPointer) -> Void) {
    [height, width, count].withUnsafeBytes(update)
    for sample in 0..<count {
      let isKnown = isPresent(sample)
      [isKnown ? UInt8(1) : 0].withUnsafeBytes(update)
      if isKnown { withMap(sample) { update(UnsafeRawBufferPointer($0)) } }
    }
  }
}
