public import Boxes
internal import Datasets
internal import Foundation

/// An answer to one image, or the truth about it, as a person would look at it.
public enum TaskAnswer: Sendable {
  /// An object, and what is said of it.
  public struct Place: Hashable, Sendable {
    /// Where it is, in pixels of the image.
    public var box: BoundingBox
    /// Its category, an index into the names of the task.
    public var category: Int32
    /// The name of the category, and how sure the answer is.
    public var text: String
  }

  /// Words.
  case words([String])
  /// Objects.
  case places([Place])
  /// A class for every pixel, −1 for none, row-major.
  case classMap([Int32], height: Int, width: Int)
  /// A distance for every pixel, 0 where it is not known, row-major.
  case distances([Float], height: Int, width: Int)
}

extension LearningTask {
  /// What is known of the first sample of some targets; nil if it is not annotated.
  public func truth(_ targets: TaskTargets) -> TaskAnswer? {
    let sample = targets.samples[0]
    guard targets.annotation.isKnown(sample) else { return nil }
    switch targets.annotation.content {
    case .classes(let names, let labels): return .words([names[Int(labels[sample])]])
    case .multiLabel(let names, let labels):
      return .words((labels[sample] ?? []).map { names[Int($0)] })
    case .values(let names, let rows):
      return .words(zip(names, rows[sample] ?? []).map { "\($0) \(rounded($1))" })
    case .boxes(let names, let rows):
      return .places(
        (rows[sample] ?? []).map {
          TaskAnswer.Place(
            box: $0.box, category: $0.category,
            text: names[Int($0.category)] + ($0.isCrowd ? ", a crowd" : ""))
        })
    case .classMaps(let names, let ignored, let maps):
      let map = maps.withMap(sample) { map in
        map.map { Int32($0) == ignored || Int($0) >= names.count ? -1 : Int32($0) }
      }
      return .classMap(map, height: maps.height, width: maps.width)
    case .depth(let maps):
      return .distances(
        maps.withMap(sample) { Array($0) }, height: maps.height, width: maps.width)
    }
  }
}

/// A number with two decimals.
func rounded(_ value: Float) -> String { String(format: "%.2f", value) }
