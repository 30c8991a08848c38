internal import Boxes
internal import Tensors

extension ShapesDataset {
  /// The names of the attributes that a scene may have, any number of them.
  ///
  /// - `round`: the object has a curved side, as all but the cube do;
  /// - `edged`: the object has an edge, as cube and cylinder do;
  /// - `warm`: the object's hue is red or one of its two neighbours, orange and magenta;
  /// - `large`: the object's scale is one of the upper four.
  public static let attributeNames = ["round", "edged", "warm", "large"]

  /// The names of the classes of a mask: the floor, the walls, and the object's forms.
  public static let maskClassNames = ["floor", "wall"] + ShapeFactors.Form.allCases.map(\.rawValue)

  /// The attributes of a scene, as indices into ``attributeNames``.
  static func attributes(_ factors: ShapeFactors) -> [Int32] {
    let holds = [
      factors.form != .cube, factors.form == .cube || factors.form == .cylinder,
      [0, 1, 9].contains(factors[.objectHue]), factors[.scale] >= 4,
    ]
    return holds.indices.filter { holds[$0] }.map(Int32.init)
  }

  /// What follows from the factors alone: one class a factor, the scale as a number from 0 to 1,
  /// and the attributes.
  static func annotations(_ scenes: [ShapeFactors]) -> [AnnotationSet] {
    ShapeFactor.allCases.map { factor in
      AnnotationSet(
        name: factor.rawValue,
        content: .classes(names: factor.valueNames, labels: scenes.map { Int32($0[factor]) }))
    } + [
      AnnotationSet(
        name: "scale_value",
        content: .values(
          names: ["scale"],
          rows: scenes.map { [Float($0[.scale]) / Float(ShapeFactor.scale.valueCount - 1)] })),
      AnnotationSet(
        name: "attributes",
        content: .multiLabel(names: attributeNames, labels: scenes.map(attributes))),
    ]
  }

  /// What is seen in the scenes; only what is asked for, in the order of the kinds.
  static func annotations(
    _ scenes: [ShapeFactors], size: Int, wanted: Set<ShapesAnnotation>
  ) -> [AnnotationSet] {
    guard !wanted.isEmpty else { return [] }
    let renderer = ShapesRenderer(size: size)
    let length = size * size
    var masks = [UInt8](repeating: 0, count: wanted.contains(.mask) ? scenes.count * length : 0)
    var depth = [Float](repeating: 0, count: wanted.contains(.depth) ? scenes.count * length : 0)
    var boxes = [[LabelledBox]](repeating: [], count: wanted.contains(.boxes) ? scenes.count : 0)
    masks.withUnsafeMutableBufferPointer { masks in
      depth.withUnsafeMutableBufferPointer { depth in
        boxes.withUnsafeMutableBufferPointer { boxes in
          // Every scene writes places of its own.
          nonisolated(unsafe) let (masks, depth, boxes) = (masks, depth, boxes)
          ThreadPool.current.forEach(scenes.count) { sample in
            let factors = scenes[sample]
            let hits = renderer.hits(factors)
            if !masks.isEmpty {
              for pixel in 0..<length {
                masks[sample * length + pixel] = maskClass(hits[pixel], factors)
              }
            }
            if !depth.isEmpty {
              for pixel in 0..<length { depth[sample * length + pixel] = hits[pixel].distance }
            }
            if !boxes.isEmpty { boxes[sample] = object(hits, factors, size: size) }
          }
        }
      }
    }
    return ShapesAnnotation.allCases.filter(wanted.contains).map { kind in
      let content: AnnotationSet.Content =
        switch kind {
        case .boxes: .boxes(names: ShapeFactor.shape.valueNames, rows: boxes)
        case .mask:
          .classMaps(
            names: maskClassNames, ignored: nil,
            maps: AnnotationMaps(height: size, width: size, elements: masks))
        case .depth: .depth(maps: AnnotationMaps(height: size, width: size, elements: depth))
        }
      return AnnotationSet(name: kind.rawValue, content: content)
    }
  }

  private static func maskClass(_ hit: ShapesHit, _ factors: ShapeFactors) -> UInt8 {
    switch hit.surface {
    case .floor: 0
    case .wall: 1
    case .object: UInt8(2 + factors[.shape])
    }
  }

  /// The box around the object's visible pixels, with their number as its area; nothing if none is
  /// seen.
  private static func object(
    _ hits: [ShapesHit], _ factors: ShapeFactors, size: Int
  ) -> [LabelledBox] {
    let pixels = hits.indices.filter { hits[$0].surface == .object }
    guard let first = pixels.first, let last = pixels.last else { return [] }
    let columns = pixels.map { $0 % size }
    guard let left = columns.min(), let right = columns.max() else { return [] }
    let box = BoundingBox(
      left: Float(left), top: Float(first / size), right: Float(right + 1),
      bottom: Float(last / size + 1))
    return [LabelledBox(box, category: Int32(factors[.shape]), area: Float(pixels.count))]
  }
}
