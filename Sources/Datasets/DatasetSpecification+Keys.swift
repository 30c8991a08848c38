package import Configurations
internal import Tensors

extension DatasetSpecification: DescribedNode {
  /// What holds where a specification says nothing.
  enum Standards {
    static let shapesSamples = 20_000
    static let shapesTestSamples = 4_000
    static let shapesSize = 64
    static let droneSamples = 4_000
    static let droneTestSamples = 500
    static let textSamples = 4_000
    static let textTestSamples = 400
    static let textSize = 64
    static let textTestFraction = 0.1
    static let cocoSize = 416
    static let ignored = 255
  }

  package static let summary = "The data set, and where it is."

  package static var variants: [NodeVariant] {
    DatasetKind.allCases.map { kind in
      NodeVariant(
        kind.rawValue, key: CodingKeys.name.rawValue, knows: Set(kind.keys.map(\.rawValue)))
    }
  }

  package static func describe(_ key: CodingKeys) -> KeyDescription<DatasetSpecification> {
    switch key {
    case .name:
      .init(
        "The kind of data set: "
          + DatasetKind.allCases.map(\.rawValue).joined(separator: ", ") + ".")
    case .path:
      .init(
        absent: "the usual places",
        "The folder or file of the data; required for idx, hdf5, image-folder and coco.")
    case .images:
      .init(
        absent: "none",
        "hdf5: the path of the training images in the file; mask-folder, coco: their folder.")
    case .labels:
      .init(
        absent: "none",
        "hdf5: the path of the training labels in the file; coco: the JSON file of the training "
          + "images.")
    case .testImages: .init(absent: "none", "As images, of the test part.")
    case .testLabels: .init(absent: "none", "As labels, of the test part.")
    case .classNames:
      .init(absent: "those of the data", "The names of the classes, in the order of their labels.")
    case .testFraction:
      .init(
        absent: "\(Standards.textTestFraction) (text), else no test part is made",
        unit: "fraction", "The share put aside for testing where the data have no test part.")
    case .size:
      .init(
        absent: "\(Standards.shapesSize) (shapes), \(Standards.cocoSize) (coco), "
          + "\(Standards.textSize) (text), else that of the images",
        unit: "pixels, or characters of text",
        "The rows and columns that images are brought to, or the length of a window of text.")
    case .samples:
      .init(
        absent: "\(Standards.shapesSamples) (shapes), \(Standards.droneSamples) (drone), "
          + "\(Standards.textSamples) (text)", "The number of generated training samples.")
    case .testSamples:
      .init(
        absent: "\(Standards.shapesTestSamples) (shapes), \(Standards.droneTestSamples) (drone), "
          + "\(Standards.textTestSamples) (text)", "The number of generated test samples.")
    case .seed:
      .init(
        absent: "0",
        "What generated samples follow from, or which samples test_fraction puts aside.")
    case .label:
      .init(
        absent: "\(ShapeFactor.shape.rawValue) (shapes), fine (cifar100)",
        "shapes: the factor that is the class; cifar100: fine or coarse.")
    case .groups:
      .init(
        absent: "none",
        "Further annotations of one class a sample, by name, whose classes are groups of the data "
          + "set's.")
    case .annotations:
      .init(
        absent: "none",
        "What is annotated besides the factors: "
          + ShapesAnnotation.allCases.map(\.rawValue).joined(separator: ", ") + ".")
    case .split:
      .init(
        absent: ShapesSplit.random.rawValue,
        "How scenes are divided into parts: "
          + ShapesSplit.allCases.map(\.rawValue).joined(separator: ", ") + ".")
    case .noise:
      .init(
        absent: ImageNoise.Kind.none.rawValue,
        "What disturbs the images: "
          + ImageNoise.Kind.allCases.map(\.rawValue).joined(separator: ", ") + ".")
    case .noiseAmount: .init(absent: "\(ImageNoise.usualAmount)", "How much noise there is.")
    case .masks:
      .init(
        absent: "none",
        "hdf5: the path of the class maps of the training images; mask-folder: their folder.")
    case .testMasks: .init(absent: "none", "As masks, of the test part.")
    case .depth:
      .init(absent: "none", "The path of the distances of the training images' pixels in the file.")
    case .testDepth: .init(absent: "none", "As depth, of the test part.")
    case .ignored:
      .init(
        absent: "\(Standards.ignored)", "The element of a class map that stands for no class.")
    case .depthScale:
      .init(absent: "1", unit: "m", "The metres that one unit of the distances is.")
    case .world: .init(absent: "its defaults", "What worlds, drone and camera are like.")
    case .layout:
      .init(
        absent: "planes where only the second axis can be channels",
        "The order of the axes of arrays of images: "
          + ArrayLayout.allCases.map(\.rawValue).joined(separator: ", ") + ".")
    case .unreadable:
      .init(
        absent: UnreadableFiles.fail.rawValue,
        "What is done about files that cannot be read: "
          + UnreadableFiles.allCases.map(\.rawValue).joined(separator: ", ") + ".")
    case .resize:
      .init(
        absent: "\(ImageSizing.Fit.pad.rawValue) (coco, mask-folder), "
          + "\(ImageSizing.Fit.crop.rawValue) (image-folder)",
        "What becomes of the proportions of images that are brought to a size: "
          + ImageSizing.Fit.allCases.map(\.rawValue).joined(separator: ", ") + ".")
    case .interpolation:
      .init(
        absent: ImageSizing.cropping.interpolation.rawValue,
        "How pixels are made of others: "
          + ImageSizing.Interpolation.allCases.map(\.rawValue).joined(separator: ", ") + ".")
    case .antialias:
      .init(
        absent: "\(ImageSizing.cropping.antialias)",
        "Whether large images are smoothed before pixels are taken of them: bilinear, bicubic.")
    case .channels:
      .init(
        absent: "as the data set has them",
        "1 for images in grey, the luma of their colours; 3 for colour.")
    }
  }
}

extension ClassReference: DescribedValue {
  package static let words = "name or number of a class"
}
