internal import Networks
internal import Tensors

/// What the images of a Keras model are, where its file does not say it or says otherwise.
struct KerasInput {
  /// The shape of the first input, whatever the file says.
  var shape: Shape?
  /// The shape whose extents are taken where the file leaves them open.
  var openShape: Shape?

  /// The shape of the first input.
  ///
  /// - Parameter batchShape: the shape in the file, with the batch in front and null for what is
  ///   open.
  /// - Returns: nil if an extent stays open.
  func shape(_ batchShape: JSONValue?) -> Shape? {
    if let shape { return shape }
    let extents = KerasInput.extents(batchShape)
    guard !extents.isEmpty, extents.count <= Shape.maximumRank else { return nil }
    let fill = openShape?.rank == extents.count ? openShape : nil
    let known = extents.enumerated().compactMap { $1 ?? fill?[$0] }
    guard known.count == extents.count,
      known.allSatisfy((1...Plausibility.largestExtent).contains)
    else { return nil }
    return Shape(known)
  }

  /// Whether the file alone does not say the shape.
  func decides(_ batchShape: JSONValue?) -> Bool {
    shape != nil || KerasInput.extents(batchShape).contains(nil)
  }

  /// The extents of a sample, nil for what is open.
  static func extents(_ batchShape: JSONValue?) -> [Int?] {
    (batchShape?.array ?? []).dropFirst().map(\.integer)
  }
}
