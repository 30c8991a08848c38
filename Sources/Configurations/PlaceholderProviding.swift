/// A type that can stand in for a value that could not be read.
///
/// A reader that collects every problem of a file needs some value to go on with after the first;
/// no stand-in outlives it, since it ends in an error.
public protocol PlaceholderProviding {
  /// A valid value, no matter which.
  static var placeholder: Self { get }
}
