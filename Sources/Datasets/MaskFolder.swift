internal import Foundation
internal import Tensors

/// Reads folders of images beside folders of class maps, PNG files of the same names but for the
/// extension, whose pixels are classes.
public enum MaskFolder {
  /// A data set whose images are decoded when they are asked for, with the annotation `mask`, whose
  /// maps are held in memory.
  ///
  /// The class of a sample is the most frequent one of its map, the first of equals.
  ///
  /// - Parameters:
  ///   - name: the name of the data set.
  ///   - images: the folder of JPEG, PNG or WebP images.
  ///   - masks: the folder of class maps; a pixel is an index into the file's palette, or a grey
  ///     value.
  ///   - height: rows every image is brought to, scaled to fit with black beside it, and its map
  ///     with it, where pixels beside it get the ignored value; nil: as the first image is, and all
  ///     must be.
  ///   - width: likewise, columns.
  ///   - classNames: the classes in order; nil: numbers, as many as the maps need.
  ///   - ignored: the value of pixels that have no class.
  /// - Throws: ``DatasetError`` naming the file for an image without a map or the reverse, a map
  ///   that is damaged or of another size than its image, or a value that is no class.
  public static func dataset(
    name: String, images: String, masks: String, height: Int? = nil, width: Int? = nil,
    classNames: [String]? = nil, ignored: UInt8 = 255
  ) throws(DatasetError) -> ImageDataset {
    let pairs = try pairs(images: images, masks: masks)
    guard let first = pairs.first else {
      throw .malformed(
        file: images, what: "images", expected: "JPEG, PNG or WebP files", found: "none")
    }
    let target: ImageSize
    if let height, let width {
      target = ImageSize(height: height, width: width)
    } else {
      let image = try ImageFile.read(first.image)
      target = ImageSize(height: image.height, width: image.width)
    }
    let resizes = height != nil && width != nil
    var elements: [UInt8] = []
    elements.reserveCapacity(pairs.count * target.height * target.width)
    var sizes: [ImageSize] = []
    var (ignoredCount, pixelCount) = (0, 0)
    for pair in pairs {
      let map = try ImageFile.readClassMap(pair.mask)
      let size = ImageSize(height: map.height, width: map.width)
      guard resizes || size == target else {
        throw .malformed(
          file: pair.mask, what: "size", expected: "\(target) as the first image",
          found: "\(size)")
      }
      sizes.append(size)
      ignoredCount += map.bytes.count { $0 == ignored }
      pixelCount += map.bytes.count
      let placed = Letterbox(
        height: size.height, width: size.width, targetHeight: target.height,
        targetWidth: target.width)
      elements += size == target ? map.bytes : placed.place(map.bytes, outside: ignored)
    }
    let reading = ClassMapReading(names: classNames, ignored: Int32(ignored))
    let mask = try reading.annotation(elements, size: target) { pairs[$0].mask }
    var dataset = ImageDataset(
      name: name, classNames: mask.classNames, labels: mask.mostFrequentClasses(),
      annotations: [mask],
      source: FilePixels(
        imageShape: [target.height, target.width, 3], files: pairs.map(\.image),
        fit: .letterbox(sizes: sizes, reason: "as its mask")))
    dataset.remarks =
      reading.ignoredRemark(ignoredCount, of: pixelCount, in: masks).map { [$0] } ?? []
    return dataset
  }

  /// Images and their class maps, in the order of the images' names.
  private static func pairs(
    images: String, masks: String
  ) throws(DatasetError) -> [(image: String, mask: String)] {
    func files(_ folder: String) throws(DatasetError) -> [String: String] {
      let names = try listFolder(folder).filter(ImageFolder.isImage)
      var pathOfStem: [String: String] = [:]
      for name in names {
        let stem = (name as NSString).deletingPathExtension
        if let other = pathOfStem.updateValue(joined(folder, name), forKey: stem) {
          throw .malformed(
            file: joined(folder, name), what: "name", expected: "one file of the name \(stem)",
            found: "another, \(other)")
        }
      }
      return pathOfStem
    }
    let imageFiles = try files(images)
    let maskFiles = try files(masks)
    let counts = "\(imageFiles.count) images, \(maskFiles.count) masks"
    var result: [(image: String, mask: String)] = []
    for (stem, image) in imageFiles.sorted(by: { $0.key < $1.key }) {
      guard let mask = maskFiles[stem] else {
        throw .inaccessible(
          file: joined(masks, stem + ".png"),
          reason: "no such file, though there is the image \(image) (\(counts))")
      }
      result.append((image, mask))
    }
    for (stem, mask) in maskFiles.sorted(by: { $0.key < $1.key }) where imageFiles[stem] == nil {
      throw .malformed(
        file: mask, what: "mask", expected: "an image of its name in \(images)",
        found: "none (\(counts))")
    }
    return result
  }
}
