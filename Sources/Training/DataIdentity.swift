internal import Datasets

/// The images that a run trains and chooses with, as its state remembers them.
struct DataIdentity: Codable, Equatable {
  /// One part.
  struct Part: Codable, Equatable {
    /// Equal for equal images, labels and annotations in equal order.
    var identifier: String
    /// The classes, and how many samples each has.
    var classes: [ClassCount]
  }

  /// How many samples a class has.
  struct ClassCount: Codable, Equatable {
    var name: String
    var samples: Int
  }

  /// What the run trains with.
  var train: Part
  /// What it chooses by.
  var validation: Part

  /// The parts of a provider.
  ///
  /// - Throws: `DatasetError` if they cannot be read.
  init(of data: DataProvider) throws(DatasetError) {
    train = try Part(of: data.train())
    validation = try Part(of: data.validation())
  }

  /// What these data have that others do not, and the reverse; none if they are equal.
  func differences(from earlier: DataIdentity) -> [String] {
    train.differences(from: earlier.train, part: "training")
      + validation.differences(from: earlier.validation, part: "validation")
  }
}

extension DataIdentity.Part {
  fileprivate init(of dataset: ImageDataset) throws(DatasetError) {
    identifier = try dataset.identifier() + ":" + dataset.annotationIdentifier()
    classes = zip(dataset.classNames, dataset.classCounts).map {
      DataIdentity.ClassCount(name: $0, samples: $1)
    }
  }

  private var count: Int { classes.reduce(0) { $0 + $1.samples } }

  /// The most classes that are listed.
  private static let shownClasses = 6

  fileprivate func differences(from earlier: Self, part: String) -> [String] {
    guard self != earlier else { return [] }
    var differences: [String] = []
    if count != earlier.count {
      differences.append("\(count) \(part) images, \(earlier.count) before")
    }
    let (names, earlierNames) = (classes.map(\.name), earlier.classes.map(\.name))
    if names != earlierNames {
      differences.append("\(part) classes \(listed(names)), \(listed(earlierNames)) before")
    } else {
      let changed = zip(classes, earlier.classes).filter { $0 != $1 }
      let shown = changed.prefix(Self.shownClasses).map {
        "\($0.name) \($0.samples), \($1.samples) before"
      }
      if !changed.isEmpty {
        differences.append(
          "\(part) images by class: " + shown.joined(separator: "; ")
            + (changed.count > Self.shownClasses ? "; …" : ""))
      }
    }
    if differences.isEmpty {
      differences.append("as many \(part) images of each class, but others, or in another order")
    }
    return differences
  }

  private func listed(_ names: [String]) -> String {
    names.prefix(Self.shownClasses).joined(separator: ", ")
      + (names.count > Self.shownClasses ? ", … (\(names.count))" : "")
  }
}
