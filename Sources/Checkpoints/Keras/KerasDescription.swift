/// The JSON of a Keras model and where it was found.
struct KerasDescription {
  let text: String
  /// The file.
  let source: String
  /// The place in that file, empty for all of it.
  let object: String
  /// The version of Keras that wrote it, where that stands beside it.
  var version: String?
}
