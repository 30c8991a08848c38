internal import Boxes
public import Tensors

/// Reads data sets of objects in images, annotated in the JSON of COCO.
public enum COCODataset {
  /// A data set whose images are decoded when they are asked for, with the annotation `boxes`.
  ///
  /// Every image is brought to one size, and its boxes with it; what the size cuts off is counted
  /// in a remark. Images are read as they are stored, as by `pycocotools` and torchvision, without
  /// being turned as their Exif blocks say, unless only the turned picture has the width and height
  /// of the annotations. The class of a sample is its most frequent category, the first of equals,
  /// or the first of all for an image without objects.
  ///
  /// - Parameters:
  ///   - name: the name of the data set.
  ///   - file: the annotations.
  ///   - height: the rows of every image.
  ///   - width: the columns of every image.
  ///   - sizing: how images of other sizes are brought to that one.
  /// - Precondition: positive extents.
  public static func dataset(
    name: String, file: COCOFile, height: Int, width: Int, sizing: ImageSizing = .padding
  ) -> ImageDataset {
    let placements = file.images.map {
      ImagePlacement(
        of: ImageSize(height: $0.height, width: $0.width),
        in: ImageSize(height: height, width: width), sizing.resize)
    }
    let rows = zip(file.images, placements).map { image, placement in
      image.objects.compactMap(placement.place)
    }
    let hiddenCount =
      file.images.reduce(0) { $0 + $1.objects.count } - rows.reduce(0) { $0 + $1.count }
    let boxes = AnnotationSet(
      name: "boxes",
      content: .boxes(
        names: file.categories, rows: rows),
      areaScales: placements.map(\.areaScale))
    var dataset = ImageDataset(
      name: name, classNames: file.categories, labels: boxes.mostFrequentClasses(),
      annotations: [boxes],
      source: FilePixels(
        imageShape: [height, width, 3], files: file.images.map(\.path),
        sizing: sizing,
        annotated: FilePixels.Annotated(
          sizes: file.images.map { ImageSize(height: $0.height, width: $0.width) },
          reason: "as \(file.path) says")))
    if hiddenCount > 0 {
      dataset.remarks.append(
        "\(file.path): objects left out, as `resize: \(sizing.resize.rawValue)` cuts them off: "
          + "\(hiddenCount)")
    }
    return dataset
  }

  /// Where a part's annotations and images are.
  struct Location: Equatable {
    /// The JSON file.
    var annotations: String
    /// The folder that the names of images are relative to.
    var images: String
  }

  /// Finds the files of a part in the usual layouts: a folder a part that holds its images and
  /// `_annotations.coco.json`; `train.json` and `test.json` beside a folder `images`; or COCO's own.
  ///
  /// - Throws: ``DatasetError/notFound(dataset:searched:remedy:)``.
  static func locate(_ part: FolderPart, in folder: String) throws(DatasetError) -> Location {
    let roboflow = "_annotations.coco.json"
    let parts =
      switch part {
      case .train: ["train"]
      case .validation: ["valid", "val", "validation"]
      case .test: ["test", "valid", "val", "validation"]
      }
    var candidates = parts.map { (annotations: "\($0)/\(roboflow)", images: $0) }
    candidates += parts.map { ("\($0).json", "images") }
    candidates += parts.flatMap { part in
      ["2017", "2014", ""].map { ("annotations/instances_\(part)\($0).json", part + $0) }
    }
    let found = candidates.lazy
      .map { ($0.annotations, joined(folder, $0.annotations), joined(folder, $0.images)) }
      .first { exists($0.1) }
    guard let found else {
      throw .notFound(
        dataset: "annotations of the \(part.rawValue) part",
        searched: candidates.map { joined(folder, $0.annotations) },
        remedy: "Give their path as `\(part == .train ? "labels" : "test_labels")`, and that of "
          + "the folder of images as `\(part == .train ? "images" : "test_images")`.")
    }
    return Location(annotations: found.1, images: found.2)
  }
}
