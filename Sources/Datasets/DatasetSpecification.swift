public import DroneWorlds

/// Which data set, and from where: the `data` node of a recipe.
public struct DatasetSpecification: Hashable, Codable, Sendable {
  /// The keys in a recipe.
  public enum CodingKeys: String, CodingKey, CaseIterable, Sendable {
    /// ``DatasetSpecification/name``.
    case name
    /// ``DatasetSpecification/path``.
    case path
    /// ``DatasetSpecification/images``.
    case images
    /// ``DatasetSpecification/labels``.
    case labels
    /// ``DatasetSpecification/testImages``.
    case testImages = "test_images"
    /// ``DatasetSpecification/testLabels``.
    case testLabels = "test_labels"
    /// ``DatasetSpecification/classNames``.
    case classNames = "class_names"
    /// ``DatasetSpecification/testFraction``.
    case testFraction = "test_fraction"
    /// ``DatasetSpecification/size``.
    case size
    /// ``DatasetSpecification/samples``.
    case samples
    /// ``DatasetSpecification/testSamples``.
    case testSamples = "test_samples"
    /// ``DatasetSpecification/seed``.
    case seed
    /// ``DatasetSpecification/label``.
    case label
    /// ``DatasetSpecification/groups``.
    case groups
    /// ``DatasetSpecification/annotations``.
    case annotations
    /// ``DatasetSpecification/split``.
    case split
    /// ``DatasetSpecification/noise``.
    case noise
    /// ``DatasetSpecification/noiseAmount``.
    case noiseAmount = "noise_amount"
    /// ``DatasetSpecification/masks``.
    case masks
    /// ``DatasetSpecification/testMasks``.
    case testMasks = "test_masks"
    /// ``DatasetSpecification/depth``.
    case depth
    /// ``DatasetSpecification/testDepth``.
    case testDepth = "test_depth"
    /// ``DatasetSpecification/ignored``.
    case ignored
    /// ``DatasetSpecification/depthScale``.
    case depthScale = "depth_scale"
    /// ``DatasetSpecification/world``.
    case world
    /// ``DatasetSpecification/layout``.
    case layout
    /// ``DatasetSpecification/unreadable``.
    case unreadable
    /// ``DatasetSpecification/resize``.
    case resize
    /// ``DatasetSpecification/interpolation``.
    case interpolation
    /// ``DatasetSpecification/antialias``.
    case antialias
    /// ``DatasetSpecification/channels``.
    case channels
  }

  /// The kind of data set, a raw value of ``DatasetKind``.
  public var name: String
  /// The folder or file; where it may be left out, the usual places are looked at.
  public var path: String?
  /// `hdf5`: the path of the training images in the file; `mask-folder`: their folder; `coco`: their
  /// folder, beside `labels`.
  public var images: String?
  /// `hdf5`: the path of the training labels in the file; `coco`: the JSON file of the training
  /// images, where the layout is none of the usual ones.
  public var labels: String?
  /// The same of the test images.
  public var testImages: String?
  /// The same of the test labels.
  public var testLabels: String?
  /// `idx`, `hdf5`, `image-folder`: the classes in the order of their labels.
  public var classNames: [String]?
  /// `hdf5`, `image-folder`: the fraction that is put aside for testing where the data have no test
  /// part of their own; `text`: the part of the file, at its end, that tests, 0.1 if left out.
  public var testFraction: Double?
  /// `image-folder`, `mask-folder`, `coco`, `shapes`: the rows and columns that images are brought to; `text`: the
  /// characters of a window, 64 if left out.
  public var size: Int?
  /// `shapes`: the number of training scenes, 20,000 if left out; `drone`: of training views, 4,000 if
  /// left out; `text` without a path: the
  /// number of windows, 4,000 if left out.
  public var samples: Int?
  /// `shapes`: the number of test scenes, 4,000 if left out; `drone`: of test views, 500 if left out;
  /// `text` without a path: the number of
  /// test windows, 400 if left out.
  public var testSamples: Int?
  /// `shapes`: what the choice of scenes follows from; `hdf5`, `image-folder`: what the test
  /// samples are; 0 if left out.
  public var seed: UInt64?
  /// `shapes`: the factor that is the class; `cifar100`: `fine` or `coarse`.
  public var label: String?
  /// All but `text`: further annotations of one class a sample, by name, whose classes are groups of
  /// the data set's: `groups: {living: {animal: [cat, dog], thing: [ship]}}`.
  public var groups: [String: [String: [ClassReference]]]?
  /// `shapes`: what is annotated besides the factors, raw values of ``ShapesAnnotation``.
  public var annotations: [String]?
  /// `shapes`: how scenes are divided, a raw value of ``ShapesSplit``; `random` if left out.
  public var split: String?
  /// `shapes`: what disturbs the images, a raw value of ``ImageNoise/Kind``; `none` if left out.
  public var noise: String?
  /// `shapes`: how much, see ``ImageNoise``; 0.08 if left out.
  public var noiseAmount: Double?
  /// `hdf5`: the path of the class maps of the training images in the file; `mask-folder`: their
  /// folder.
  public var masks: String?
  /// The same of the test images.
  public var testMasks: String?
  /// `hdf5`: the path of the distances of the training images' pixels in the file.
  public var depth: String?
  /// The same of the test images.
  public var testDepth: String?
  /// `hdf5`, `mask-folder`: the element of a class map that stands for no class, 255 if left out.
  public var ignored: Int?
  /// `hdf5`: the metres that one unit of the distances is, 1 if left out.
  public var depthScale: Double?
  /// `drone`: what worlds, drone and camera are like.
  public var world: WorldOptions?
  /// All but `text`: 1 for images in grey, the luma of their colours, 3 for colour; as the data set
  /// has them if left out.
  public var channels: Int?

  /// `hdf5`: the order of the axes of the images, a raw value of ``ArrayLayout``; as their extents
  /// speak for if left out.
  public var layout: String?
  /// `image-folder`, `mask-folder`, `coco`: what is done about files that cannot be read, a raw value
  /// of ``UnreadableFiles``; `fail` if left out.
  public var unreadable: String?
  /// `image-folder`, `mask-folder`, `coco`: what becomes of the proportions of images that are
  /// brought to a size, a raw value of ``ImageSizing/Fit``; as the network's origin has it if left
  /// out, see ``sizing(usual:)``.
  public var resize: String?
  /// The same kinds: how pixels are made of others, a raw value of ``ImageSizing/Interpolation``.
  public var interpolation: String?
  /// The same kinds: whether large images are smoothed before pixels are taken of them.
  public var antialias: Bool?

  /// Creates a specification; more is set through its properties.
  public init(name: String, path: String? = nil) {
    self.name = name
    self.path = path
  }

  /// Indicates whether a key means something for the kind of data set.
  public func takes(_ key: CodingKeys) -> Bool {
    DatasetKind(rawValue: name)?.keys.contains(key) ?? false
  }

  /// The keys that are set, with their values as text.
  var values: [(key: CodingKeys, value: String)] {
    let all: [(CodingKeys, (any Sendable)?)] = [
      (.path, path), (.images, images), (.labels, labels), (.testImages, testImages),
      (.testLabels, testLabels), (.classNames, classNames), (.testFraction, testFraction),
      (.size, size), (.samples, samples), (.testSamples, testSamples), (.seed, seed),
      (.label, label), (.groups, groups.map { _ in "groups of classes" }),
      (.annotations, annotations), (.split, split),
      (.noise, noise), (.noiseAmount, noiseAmount), (.masks, masks), (.testMasks, testMasks),
      (.depth, depth), (.testDepth, testDepth), (.ignored, ignored), (.depthScale, depthScale),
      (.world, world.map { _ in "settings of worlds" }), (.layout, layout),
      (.unreadable, unreadable), (.resize, resize),
      (.interpolation, interpolation), (.antialias, antialias), (.channels, channels),
    ]
    return all.compactMap { key, value in value.map { (key, "\($0)") } }
  }
}
