/// Way of bringing images of other sizes to the size of a network's input.
///
/// A part of what a network was trained with: another way of sizing costs accuracy. The defaults
/// follow the network's origin, see ``keras`` and ``cropping``.
public struct ImageSizing: Hashable, Codable, Sendable {
  /// Treatment of proportions.
  public enum Fit: String, Codable, CaseIterable, Sendable {
    /// The whole image fills the size; its proportions are lost.
    case stretch
    /// The largest centred part of the size's proportions fills it; the rest is cut off.
    case crop
    /// The whole image lies in the middle with black beside it.
    case pad
  }

  /// Interpolation of pixels.
  public enum Interpolation: String, Codable, CaseIterable, Sendable {
    /// The pixel that the middle of the new one lies in.
    case nearest
    /// A triangle of weights, as wide as two pixels.
    case bilinear
    /// Keys' cubic with a = −1/2, as wide as four pixels.
    case bicubic
    /// The mean over the area that the new pixel covers.
    case area

    /// Indicates whether it can widen its weights when images shrink.
    package var canAntialias: Bool { self == .bilinear || self == .bicubic }
  }

  /// Treatment of proportions.
  public var resize: Fit
  /// Interpolation of pixels.
  public var interpolation: Interpolation
  /// Indicates whether weights widen with the step from pixel to pixel, so that no pixel of a large image is
  /// left out; without a meaning for `nearest` and `area`.
  public var antialias: Bool

  /// Creates a way of sizing.
  public init(resize: Fit, interpolation: Interpolation, antialias: Bool = true) {
    self.resize = resize
    self.interpolation = interpolation
    self.antialias = antialias || !interpolation.canAntialias
  }

  /// Keras's `image_dataset_from_directory`: stretching, bilinear, without antialiasing.
  public static let keras = ImageSizing(
    resize: .stretch, interpolation: .bilinear, antialias: false)

  /// The way of classifiers of other origins: the centre of the image, by area.
  public static let cropping = ImageSizing(resize: .crop, interpolation: .area)

  /// The way of images with objects or class maps, of which nothing is cut off.
  public static let padding = ImageSizing(resize: .pad, interpolation: .area)
}

extension ImageSizing: CustomStringConvertible {
  /// In words: `stretch, bilinear without antialiasing`.
  public var description: String {
    "\(resize.rawValue), \(interpolation.rawValue)"
      + (!interpolation.canAntialias
        ? "" : antialias ? " with antialiasing" : " without antialiasing")
  }
}
