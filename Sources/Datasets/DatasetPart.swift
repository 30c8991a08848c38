/// The part of a data set that is meant for training, or the one that only measures.
public enum DatasetPart: String, CaseIterable, Codable, Sendable {
  /// For training; validation samples are split from it.
  case train
  /// For the final figures, never for choosing anything.
  case test
}
