internal import HDF5
internal import Tensors

extension HDF5Arrays {
  /// A data set of arrays at some paths of a file: images, and any of classes, class maps (the
  /// annotation `mask`) and distances (`depth`), which are held in memory.
  ///
  /// Without classes, the class of a sample is the most frequent one of its map, the first of
  /// equals; without maps too, all samples are of the one class `image`.
  ///
  /// - Parameters:
  ///   - name: the name of the data set.
  ///   - file: the HDF5 file.
  ///   - paths: where the arrays are.
  ///   - classNames: the classes in order; nil: numbers, as many as the labels need.
  ///   - maskClassNames: the classes of the maps in order; nil: numbers, as many as the maps need.
  ///   - ignored: the element of a map that stands for no class.
  ///   - depthScale: the metres that one unit of the distances is.
  /// - Throws: ``DatasetError`` if the file or an array is missing or damaged, has another type or
  ///   shape, or if a label, a class of a pixel or a distance is out of range, naming its sample.
  public static func dataset(
    name: String, file: String, paths: HDF5ArrayPaths, classNames: [String]? = nil,
    maskClassNames: [String]? = nil, ignored: UInt8 = 255, depthScale: Double = 1
  ) throws(DatasetError) -> ImageDataset {
    let source = try HDF5Pixels(file: file, path: paths.images, layout: paths.layout)
    let size = ImageSize(height: source.imageShape[0], width: source.imageShape[1])
    var annotations: [AnnotationSet] = []
    var remarks = [source.remark].compactMap { $0 }
    var names = [ImageDataset.unlabelledClass]
    var labels = [Int32](repeating: 0, count: source.count)
    if let path = paths.masks {
      let elements = try maskElements(
        file: file, path: path, count: source.count, size: size, ignored: ignored,
        classCount: maskClassNames?.count)
      let reading = ClassMapReading(names: maskClassNames, ignored: Int32(ignored))
      let mask = try reading.annotation(elements, size: size) { _ in "\(file):\(path)" }
      let without = elements.count { $0 == ignored }
      if let remark = reading.ignoredRemark(
        without, of: elements.count, mask, in: "\(file):\(path)")
      {
        remarks.append(remark)
      }
      annotations.append(mask)
      (names, labels) = (mask.classNames, mask.mostFrequentClasses())
    }
    if let path = paths.depth {
      let distances = try distances(
        file: file, path: path, count: source.count, size: size, scale: depthScale)
      annotations.append(
        AnnotationSet(
          name: "depth",
          content: .depth(
            maps: AnnotationMaps(height: size.height, width: size.width, elements: distances))))
    }
    if let path = paths.labels {
      labels = try Self.labels(file: file, path: path)
      guard labels.count == source.count else {
        throw .malformed(
          file: "\(file):\(path)", what: "number of labels",
          expected: "\(source.count), one an image", found: "\(labels.count)")
      }
      names = classNames ?? numberedClasses(labels)
      try checkLabels(labels, file: "\(file):\(path)", classCount: names.count)
    }
    var dataset = ImageDataset(
      name: name, classNames: names, labels: labels, annotations: annotations, source: source)
    dataset.remarks = remarks
    return dataset
  }

  /// Names for the classes of all class maps of a file: numbers, as many as the maps need.
  static func maskClassNames(
    file: String, parts: [(images: String, masks: String)], ignored: UInt8,
    layout: ArrayLayout? = nil
  ) throws(DatasetError) -> [String] {
    var largest = 0
    for part in parts {
      let source = try HDF5Pixels(file: file, path: part.images, layout: layout)
      let elements = try maskElements(
        file: file, path: part.masks, count: source.count,
        size: ImageSize(height: source.imageShape[0], width: source.imageShape[1]),
        ignored: ignored, classCount: nil)
      let names = ClassMapReading.numberedNames(elements, ignored: Int32(ignored))
      largest = max(largest, names.count - 1)
    }
    return (0...largest).map { "\($0)" }
  }

  /// The elements of all class maps, one map after the other.
  private static func maskElements(
    file: String, path: String, count: Int, size: ImageSize, ignored: UInt8, classCount: Int?
  ) throws(DatasetError) -> [UInt8] {
    let (shape, type) = try description(file: file, path: path)
    try check(shape, what: "masks", count: count, size: size, file: "\(file):\(path)")
    if type == .uint8 { return try elements(of: UInt8.self, file: file, path: path) }
    guard type.isInteger else {
      throw .malformed(
        file: "\(file):\(path)", what: "type of masks", expected: "integers", found: "\(type)")
    }
    let wide = try elements(of: Int64.self, file: file, path: path)
    guard let misfit = wide.firstIndex(where: { !(0...255).contains($0) }) else {
      return wide.map { UInt8($0) }
    }
    let pixel = misfit % (size.height * size.width)
    throw ClassMapReading(names: nil, ignored: Int32(ignored)).unknownClass(
      Int(wide[misfit]), sample: misfit / (size.height * size.width), row: pixel / size.width,
      column: pixel % size.width, classCount: classCount ?? 256, file: "\(file):\(path)")
  }

  /// The distances of all maps in metres, one map after the other.
  private static func distances(
    file: String, path: String, count: Int, size: ImageSize, scale: Double
  ) throws(DatasetError) -> [Float] {
    let length = size.height * size.width
    try check(
      description(file: file, path: path).shape, what: "depth", count: count, size: size,
      file: "\(file):\(path)")
    var distances = try elements(of: Float.self, file: file, path: path)
    let factor = Float(scale)
    for index in distances.indices {
      let distance = distances[index] * factor
      guard distance >= 0, distance.isFinite else {
        throw .malformed(
          file: "\(file):\(path)",
          what: "sample \(index / length), row \(index % length / size.width), "
            + "column \(index % size.width)",
          expected: "a finite distance, or 0 where it is not known", found: "\(distances[index])")
      }
      distances[index] = distance
    }
    return distances
  }

  private static func description(
    file: String, path: String
  ) throws(DatasetError) -> (shape: [Int], type: HDF5ElementType) {
    do throws(HDF5Error) {
      let dataset = try HDF5File(reading: file).dataset(path)
      return (dataset.shape, dataset.elementType)
    } catch { throw .hdf5(error) }
  }

  private static func elements<Element: HDF5Scalar>(
    of _: Element.Type, file: String, path: String
  ) throws(DatasetError) -> [Element] {
    do throws(HDF5Error) {
      return try HDF5File(reading: file).dataset(path).read(as: Element.self)
    } catch { throw .hdf5(error) }
  }

  private static func check(
    _ extents: [Int], what: String, count: Int, size: ImageSize, file: String
  ) throws(DatasetError) {
    guard extents.count == 3 || (extents.count == 4 && extents[3] == 1) else {
      throw .malformed(
        file: file, what: "shape of \(what)", expected: "count × height × width",
        found: extents.map { "\($0)" }.joined(separator: " × "))
    }
    guard extents[0] == count else {
      throw .malformed(
        file: file, what: "number of \(what == "masks" ? what : "depth maps")",
        expected: "\(count), one an image", found: "\(extents[0])")
    }
    guard extents[1] == size.height, extents[2] == size.width else {
      throw .malformed(
        file: file, what: "size of \(what)", expected: "\(size) as the images have",
        found: "\(extents[1])×\(extents[2])")
    }
  }
}
