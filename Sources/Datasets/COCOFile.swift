public import Boxes
internal import Files
internal import Foundation

/// A file of objects in images in the JSON of the COCO data sets, checked and brought into order.
///
/// See https://cocodataset.org/#format-data. Of a file are read, from `images`: `id`, `file_name`,
/// `width`, `height`; from `annotations`: `id`, `image_id`, `category_id`, `bbox`, `area`,
/// `iscrowd`; from `categories`: `id`, `name`.
///
/// - An image without objects is kept; one without a size has that of its image file.
/// - A box that reaches beyond its image is cut at the edge, and one that lies wholly outside is an
///   error.
/// - A box whose width or height is 0 or less, of which COCO itself has some, is left out and
///   counted.
/// - Identifiers may be any integers, and categories are numbered in the order of theirs.
public struct COCOFile: Sendable {
  /// An image and the objects in it.
  public struct Image: Sendable {
    /// The image's identifier in the file.
    public let id: Int
    /// The path of the image file.
    public let path: String
    /// The rows of the image.
    public let height: Int
    /// The columns of the image.
    public let width: Int
    /// The objects, in pixels of the image.
    public internal(set) var objects: [LabelledBox] = []
  }

  /// The path of the file.
  public let path: String
  /// The names of the categories, in the order of their identifiers.
  public private(set) var categories: [String]
  /// The images in the order of the file.
  public private(set) var images: [Image]
  /// The number of boxes that were left out since they have no area.
  public let emptyBoxCount: Int
  /// Reasons why images that are left out could not be read.
  public let missing: [DatasetError]

  /// Reads a file.
  ///
  /// - Parameters:
  ///   - path: the JSON file.
  ///   - folder: the folder that the names of images are relative to.
  ///   - unreadable: whether images that are missing are left out, with their objects.
  /// - Throws: ``DatasetError`` naming the file and the record for what is no JSON (with its line
  ///   and column), lacks a part, has the wrong type, stands there twice, refers to an unknown image
  ///   or category, or lies outside its image; and naming the image file if it is missing.
  public init(
    reading path: String, images folder: String, unreadable: UnreadableFiles = .fail
  ) throws(DatasetError) {
    let document = try COCODocument.read(path)
    self.path = path
    let categories = try COCOFile.categories(document.categories, path)
    var (images, missing) = try COCOFile.images(
      document.images, path, folder: folder, unreadable)
    let imageOfID = Dictionary(
      images.enumerated().map { ($0.element.id, $0.offset) },
      uniquingKeysWith: { first, _ in first
      })
    let categoryOfID = Dictionary(
      categories.enumerated().map { ($0.element.id, Int32($0.offset)) },
      uniquingKeysWith: { first, _ in first })
    guard let annotations = document.annotations else {
      throw .malformed(file: path, what: "annotations", expected: "a list", found: "none")
    }
    var seen: Set<Int> = []
    var emptyBoxCount = 0
    for (position, annotation) in annotations.enumerated() {
      guard let id = annotation.id else {
        throw .malformed(
          file: path, what: "annotations[\(position)]", expected: "an id", found: "none")
      }
      let record = COCORecord(file: path, what: "annotation \(id)")
      guard seen.insert(id).inserted else { throw record.error("an id of its own", "it twice") }
      if let imageID = annotation.imageID, missing[imageID] != nil { continue }
      guard let imageID = annotation.imageID, let image = imageOfID[imageID] else {
        throw record.error(
          "the id of one of the images as its image_id",
          annotation.imageID.map { "\($0)" } ?? "none")
      }
      guard let categoryID = annotation.categoryID, let category = categoryOfID[categoryID] else {
        throw record.error(
          "one of the category ids \(categories.prefix(20).map { "\($0.id)" }.joined(separator: ", "))",
          annotation.categoryID.map { "\($0)" } ?? "none")
      }
      guard
        let object = try annotation.object(
          category: category, height: images[image].height, width: images[image].width, record)
      else {
        emptyBoxCount += 1
        continue
      }
      images[image].objects.append(object)
    }
    self.categories = categories.map(\.name)
    self.images = images
    self.emptyBoxCount = emptyBoxCount
    self.missing = missing.sorted { $0.key < $1.key }.map(\.value)
  }

  /// Replaces the categories by those of another file of the same data, to which their names lead.
  ///
  /// - Returns: how they were matched.
  /// - Throws: ``DatasetError/classes(_:)`` for an object of a category that the other file lacks.
  mutating func match(to expected: ClassList) throws(DatasetError) -> ClassMatching {
    let used = Set(images.lazy.flatMap(\.objects).map(\.category))
    let matching: ClassMatching
    do throws(ClassMismatch) {
      matching = try ClassMatching(ClassList(owner: path, names: categories), to: expected) {
        used.contains(Int32($0))
      }
    } catch { throw .classes(error) }
    categories = matching.names
    for image in images.indices {
      for object in images[image].objects.indices {
        let category = Int(images[image].objects[object].category)
        images[image].objects[object].category = matching.indices[category]
      }
    }
    return matching
  }

  /// The categories of a file, in the order of their identifiers, without reading anything else.
  static func categories(reading path: String) throws(DatasetError) -> [String] {
    try categories(COCODocument.read(path).categories, path).map(\.name)
  }

  private static func categories(
    _ all: [COCODocument.Category]?, _ path: String
  ) throws(DatasetError) -> [(id: Int, name: String)] {
    guard let all, !all.isEmpty else {
      throw .malformed(
        file: path, what: "categories", expected: "at least one", found: "none")
    }
    var names: Set<String> = []
    var ids: Set<Int> = []
    var result: [(id: Int, name: String)] = []
    for (position, category) in all.enumerated() {
      guard let id = category.id, let name = category.name else {
        throw .malformed(
          file: path, what: "categories[\(position)]", expected: "an id and a name",
          found: category.id == nil ? "no id" : "no name")
      }
      let record = COCORecord(file: path, what: "category \(id)")
      guard ids.insert(id).inserted else { throw record.error("an id of its own", "it twice") }
      guard names.insert(name).inserted else {
        throw record.error("a name of its own", "'\(name)' twice")
      }
      result.append((id, name))
    }
    return result.sorted { $0.id < $1.id }
  }

  private static func images(
    _ all: [COCODocument.Image]?, _ path: String, folder: String, _ unreadable: UnreadableFiles
  ) throws(DatasetError) -> (images: [Image], missing: [Int: DatasetError]) {
    guard let all, !all.isEmpty else {
      throw .malformed(file: path, what: "images", expected: "at least one", found: "none")
    }
    var ids: Set<Int> = []
    var result: [Image] = []
    var missing: [Int: DatasetError] = [:]
    for (position, image) in all.enumerated() {
      guard let id = image.id else {
        throw .malformed(
          file: path, what: "images[\(position)]", expected: "an id", found: "none")
      }
      let record = COCORecord(file: path, what: "image \(id)")
      guard ids.insert(id).inserted else { throw record.error("an id of its own", "it twice") }
      guard let name = image.fileName, !name.isEmpty else {
        throw record.error("a file_name", "none")
      }
      guard !name.hasPrefix("/"), !name.split(separator: "/").contains("..") else {
        throw record.error("a file_name inside the folder of images", name)
      }
      let file = joined(folder, name)
      guard exists(file) else {
        let error = DatasetError.inaccessible(
          file: file, reason: "no such file, though \(path) lists it as image \(id)")
        guard unreadable == .skip else { throw .unreadable(error) }
        missing[id] = error
        continue
      }
      var (height, width) = (image.height, image.width)
      if height == nil || width == nil {
        do throws(DatasetError) {
          let stored = try ImageFile.decoded(file).stored
          (height, width) = (stored.height, stored.width)
        } catch {
          guard unreadable == .skip else { throw .unreadable(error) }
          missing[id] = error
          continue
        }
      }
      guard let height, let width, (1...1 << 20).contains(height), (1...1 << 20).contains(width)
      else {
        throw record.error(
          "a positive height and width", "\(height ?? 0)×\(width ?? 0)")
      }
      result.append(Image(id: id, path: file, height: height, width: width))
    }
    if result.isEmpty, let first = missing.min(by: { $0.key < $1.key }) { throw first.value }
    return (result, missing)
  }
}

/// A record of a file, for messages.
private struct COCORecord {
  let file: String
  let what: String

  func error(_ expected: String, _ found: String) -> DatasetError {
    .malformed(file: file, what: what, expected: expected, found: found)
  }
}

/// What is read of a file, before it is checked; what is missing is nil.
private struct COCODocument: Decodable {
  struct Image: Decodable {
    enum CodingKeys: String, CodingKey {
      case id, width, height
      case fileName = "file_name"
    }

    let id: Int?
    let fileName: String?
    let width: Int?
    let height: Int?
  }

  struct Category: Decodable {
    let id: Int?
    let name: String?
  }

  struct Annotation: Decodable {
    enum CodingKeys: String, CodingKey {
      case id, bbox, area
      case imageID = "image_id"
      case categoryID = "category_id"
      case isCrowd = "iscrowd"
    }

    let id: Int?
    let imageID: Int?
    let categoryID: Int?
    let bbox: [Double]?
    let area: Double?
    let isCrowd: Bool

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      id = try container.decodeIfPresent(Int.self, forKey: .id)
      imageID = try container.decodeIfPresent(Int.self, forKey: .imageID)
      categoryID = try container.decodeIfPresent(Int.self, forKey: .categoryID)
      bbox = try container.decodeIfPresent([Double].self, forKey: .bbox)
      area = try container.decodeIfPresent(Double.self, forKey: .area)
      // Files have a number or a truth value here.
      if let flag = try? container.decodeIfPresent(Bool.self, forKey: .isCrowd) {
        isCrowd = flag
      } else {
        isCrowd = try container.decodeIfPresent(Int.self, forKey: .isCrowd) ?? 0 != 0
      }
    }

    /// The object, cut at the edges of its image; nil if its box has no area.
    func object(
      category: Int32, height: Int, width: Int, _ record: COCORecord
    ) throws(DatasetError) -> LabelledBox? {
      guard let bbox, bbox.count == 4 else {
        throw record.error(
          "a bbox of four numbers, left, top, width and height",
          bbox.map { "\($0.count) numbers" } ?? "none")
      }
      guard bbox[2] > 0, bbox[3] > 0 else { return nil }
      let edges = BoundingBox(
        left: Float(max(0, bbox[0])), top: Float(max(0, bbox[1])),
        right: Float(min(Double(width), bbox[0] + bbox[2])),
        bottom: Float(min(Double(height), bbox[1] + bbox[3])))
      guard edges.area > 0 else {
        throw record.error(
          "a bbox that reaches into the image of \(height)×\(width)",
          "left \(bbox[0]), top \(bbox[1]), width \(bbox[2]), height \(bbox[3])")
      }
      if let area, area < 0 { throw record.error("an area of at least 0", "\(area)") }
      return LabelledBox(edges, category: category, isCrowd: isCrowd, area: area.map { Float($0) })
    }
  }

  let images: [Image]?
  let annotations: [Annotation]?
  let categories: [Category]?

  static func read(_ path: String) throws(DatasetError) -> COCODocument {
    let data = Data(try readFile(path))
    do {
      return try JSONDecoder().decode(COCODocument.self, from: data)
    } catch {
      throw .malformed(
        file: path, what: "JSON", expected: "COCO annotations",
        found: DecodingFlaw.words(error, in: data))
    }
  }
}
