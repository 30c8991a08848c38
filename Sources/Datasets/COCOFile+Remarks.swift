internal import Boxes

extension COCOFile {
  /// Facts about the file that a person should know, a sentence each.
  public var remarks: [String] {
    var remarks = [LeftOut.unreadable(missing)].compactMap { $0 }
    if emptyBoxCount > 0 {
      remarks.append(
        "\(path): boxes left out, as their width or height is not positive: \(emptyBoxCount)")
    }
    if hasNormalizedBoxes {
      remarks.append(
        "\(path): every bbox lies between 0 and 1, as if it were a share of the image; COCO's are in "
          + "pixels, so that each is taken for a box of at most one pixel")
    }
    return remarks
  }

  /// Whether there are objects, and all lie within the first pixel of an image of more pixels.
  private var hasNormalizedBoxes: Bool {
    let found = images.filter { !$0.objects.isEmpty }
    return !found.isEmpty
      && found.allSatisfy { image in
        image.height > 1 && image.width > 1
          && image.objects.allSatisfy { $0.box.right <= 1 && $0.box.bottom <= 1 }
      }
  }
}
