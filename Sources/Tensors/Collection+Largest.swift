extension Collection where Element: Comparable {
  /// Where the largest element is, such as the class with the highest score; nil without any.
  package var indexOfLargest: Index? { indices.max { self[$0] < self[$1] } }
}
