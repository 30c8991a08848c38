public import Boxes

extension Augmentation.Draw {
  /// The row of the original that a row of the changed image shows; it may lie outside.
  func row(from y: Int) -> Int { y - down }

  /// The column of the original that a column of the changed image shows; it may lie outside.
  func column(from x: Int, width: Int) -> Int {
    let moved = x - right
    return flips ? width - 1 - moved : moved
  }

  /// A class map changed as its image is, `height · width` elements, row-major.
  ///
  /// - Parameter ignored: what pixels get that the image does not reach; nil: 255, which no class
  ///   is.
  /// - Precondition: the map has `height · width` elements, and the ignored value fits 8 bits.
  public func classMap(
    _ map: UnsafeBufferPointer<UInt8>, height: Int, width: Int, ignored: Int32?
  ) -> [UInt8] {
    let outside = ignored ?? 255
    precondition((0...255).contains(outside), "Draw.classMap: ignored value \(outside)")
    return moved(map, height: height, width: width, outside: UInt8(outside))
  }

  /// A map of distances changed as its image is, `height · width` elements, row-major; pixels that
  /// the image does not reach get 0, not known.
  ///
  /// - Precondition: the map has `height · width` elements.
  public func depthMap(
    _ map: UnsafeBufferPointer<Float>, height: Int, width: Int
  ) -> [Float] {
    moved(map, height: height, width: width, outside: 0)
  }

  /// Objects moved as their image is, in pixels of the image.
  ///
  /// Boxes of a changed image are cut at its edges, and what is left of one that a change has cut to less
  /// than ``LabelledBox/isLearnable`` asks is dropped. The area of an object shrinks as its box does. An
  /// image that stays as it is keeps its objects as they are, as they are what answers are measured by.
  public func boxes(_ boxes: [LabelledBox], height: Int, width: Int) -> [LabelledBox] {
    if self == .none { return boxes }
    let image = BoundingBox(left: 0, top: 0, right: Float(width), bottom: Float(height))
    return boxes.compactMap { object in
      var box = object.box
      if flips { (box.left, box.right) = (Float(width) - box.right, Float(width) - box.left) }
      box.left += Float(right)
      box.right += Float(right)
      box.top += Float(down)
      box.bottom += Float(down)
      let visible = box.intersection(image)
      let remainder = LabelledBox(
        visible, category: object.category, isCrowd: object.isCrowd,
        area: visible == box ? object.area : object.area * visible.area / box.area)
      return remainder.isLearnable ? remainder : nil
    }
  }

  private func moved<Element>(
    _ source: UnsafeBufferPointer<Element>, height: Int, width: Int, outside: Element
  ) -> [Element] {
    precondition(
      source.count == height * width, "Draw: \(source.count) elements for \(height)×\(width)")
    if self == .none { return Array(source) }
    return [Element](unsafeUninitializedCapacity: height * width) { target, initialized in
      for y in 0..<height {
        let sourceY = row(from: y)
        let insideRow = sourceY >= 0 && sourceY < height
        for x in 0..<width {
          let sourceX = column(from: x, width: width)
          let inside = insideRow && sourceX >= 0 && sourceX < width
          target.initializeElement(
            at: y * width + x, to: inside ? source[sourceY * width + sourceX] : outside)
        }
      }
      initialized = height * width
    }
  }
}

extension LabelledBox {
  /// Whether the object takes a pixel in each direction, so that there is something to learn from.
  public var isLearnable: Bool { box.width >= 1 && box.height >= 1 }
}
