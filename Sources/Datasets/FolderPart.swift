/// The part of a data set in folders, some of which have images to choose by of their own.
enum FolderPart: String {
  /// For training.
  case train
  /// For choosing.
  case validation
  /// For the final figures.
  case test

  /// A part that every data set has.
  init(_ part: DatasetPart) {
    switch part {
    case .train: self = .train
    case .test: self = .test
    }
  }
}
