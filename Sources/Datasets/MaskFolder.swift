internal import Foundation
public import Tensors

/// Reads folders of images beside folders of class maps, files of the same names but for the
/// extension, whose pixels are classes.
public enum MaskFolder {
  /// A data set whose images are decoded when they are asked for, with the annotation `mask`, whose
  /// maps are held in memory.
  ///
  /// The class of a sample is the most frequent one of its map, the first of equals. Images are read
  /// as they are stored, without being turned as their Exif blocks say, unless only the turned
  /// picture has the size of its map.
  ///
  /// - Parameters:
  ///   - name: the name of the data set.
  ///   - images: the folder of images, which may lie in folders of their own.
  ///   - masks: the folder of class maps; a pixel is an index into the file's palette, or a grey
  ///     value.
  ///   - height: rows every image is brought to, and its map with it, where pixels beside it get
  ///     the ignored value; nil: as the first map is, and all must be.
  ///   - width: likewise, columns.
  ///   - classNames: the classes in order; nil: numbers, as many as the maps need.
  ///   - ignored: the value of pixels that have no class.
  ///   - sizing: how images of other sizes are brought to that one; maps follow, each pixel the
  ///     nearest of the map.
  ///   - unreadable: whether maps that cannot be read are left out, with their images.
  /// - Throws: ``DatasetError`` naming the file for an image without a map or the reverse, a map
  ///   that is damaged or of another size than its image, or a value that is no class.
  public static func dataset(
    name: String, images: String, masks: String, height: Int? = nil, width: Int? = nil,
    classNames: [String]? = nil, ignored: UInt8 = 255, sizing: ImageSizing = .padding,
    unreadable: UnreadableFiles = .fail
  ) throws(DatasetError) -> ImageDataset {
    let (pairs, remarks) = try pairs(images: images, masks: masks)
    guard !pairs.isEmpty else {
      throw .malformed(
        file: images, what: "images", expected: "\(ImageKind.list) files", found: "none")
    }
    let given = height.flatMap { height in width.map { ImageSize(height: height, width: $0) } }
    var target = given
    var elements: [UInt8] = []
    var kept: [(image: String, mask: String)] = []
    var sizes: [ImageSize] = []
    var failures: [DatasetError] = []
    var (ignoredCount, pixelCount) = (0, 0)
    for pair in pairs {
      let map: PixelImage
      do throws(DatasetError) {
        map = try ImageFile.readClassMap(pair.mask)
      } catch {
        guard unreadable == .skip else { throw .unreadable(error) }
        failures.append(error)
        continue
      }
      let picture = target ?? map.size
      target = picture
      if given == nil, kept.isEmpty { try check(map, of: pair, unreadable) }
      guard given != nil || map.size == picture else {
        throw .malformed(
          file: pair.mask, what: "size", expected: "\(picture) as the first image",
          found: "\(map.size)")
      }
      kept.append(pair)
      sizes.append(map.size)
      ignoredCount += map.bytes.count { $0 == ignored }
      pixelCount += map.bytes.count
      elements +=
        map.size == picture
        ? map.bytes
        : ImagePlacement(of: map.size, in: picture, sizing.resize)
          .place(map.bytes, outside: ignored)
    }
    guard let target, !kept.isEmpty else {
      throw .malformed(
        file: masks, what: "masks", expected: "at least one that can be read",
        found: LeftOut.unreadable(failures) ?? "none")
    }
    let reading = ClassMapReading(names: classNames, ignored: Int32(ignored))
    let mask = try reading.annotation(elements, size: target) { kept[$0].mask }
    var dataset = ImageDataset(
      name: name, classNames: mask.classNames, labels: mask.mostFrequentClasses(),
      annotations: [mask],
      source: FilePixels(
        imageShape: [target.height, target.width, 3], files: kept.map(\.image),
        sizing: given == nil ? nil : sizing,
        annotated: FilePixels.Annotated(sizes: sizes, reason: "as its mask")))
    dataset.remarks =
      remarks
      + [
        LeftOut.unreadable(failures),
        reading.ignoredRemark(ignoredCount, of: pixelCount, mask, in: masks),
      ].compactMap { $0 }
    return dataset
  }

  /// Checks that a map has the size of its image.
  private static func check(
    _ map: PixelImage, of pair: (image: String, mask: String), _ unreadable: UnreadableFiles
  ) throws(DatasetError) {
    let image: DecodedImage
    do throws(DatasetError) {
      image = try ImageFile.decoded(pair.image)
    } catch {
      // It is left out when pixels are read.
      guard unreadable == .fail else { return }
      throw .unreadable(error)
    }
    guard image.fitting(map.size) == nil else { return }
    throw .malformed(
      file: pair.mask, what: "size", expected: "\(image.stored.size) as its image",
      found: "\(map.size)")
  }

  /// Images and their class maps, in the order of the images' names, and remarks on other files.
  private static func pairs(
    images: String, masks: String
  ) throws(DatasetError) -> (pairs: [(image: String, mask: String)], remarks: [String]) {
    var remarks: [String] = []
    func files(_ folder: String) throws(DatasetError) -> [String: String] {
      let listing = try ImageFileListing(folder)
      remarks += [listing.remark].compactMap { $0 }
      var pathOfStem: [String: String] = [:]
      for name in relative(listing.files, to: folder) {
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
    return (result, remarks)
  }
}
