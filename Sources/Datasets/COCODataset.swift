internal import Boxes
internal import Tensors

/// Reads data sets of objects in images, annotated in the JSON of COCO.
public enum COCODataset {
  /// A data set whose images are decoded when they are asked for, with the annotation `boxes`.
  ///
  /// Every image is scaled to fit into one size, in the middle with black beside it, and its boxes
  /// with it. The class of a sample is its most frequent category, the first of equals, or the first
  /// of all for an image without objects.
  ///
  /// - Parameters:
  ///   - name: the name of the data set.
  ///   - file: the annotations.
  ///   - height: the rows of every image.
  ///   - width: the columns of every image.
  /// - Precondition: positive extents.
  public static func dataset(
    name: String, file: COCOFile, height: Int, width: Int
  ) -> ImageDataset {
    let places = file.images.map {
      Letterbox(
        height: $0.height, width: $0.width, targetHeight: height, targetWidth: width)
    }
    let boxes = AnnotationSet(
      name: "boxes",
      content: .boxes(
        names: file.categories,
        rows: zip(file.images, places).map { image, place in image.objects.map(place.place) }),
      areaScales: places.map(\.areaScale))
    return ImageDataset(
      name: name, classNames: file.categories, labels: boxes.mostFrequentClasses(),
      annotations: [boxes],
      source: FilePixels(
        imageShape: [height, width, 3], files: file.images.map(\.path),
        fit: .letterbox(
          sizes: file.images.map { ImageSize(height: $0.height, width: $0.width) },
          reason: "as \(file.path) says")))
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
