internal import Codecs

/// What a search has settled on, and what it found on the validation images.
public struct SLICERChoice: Hashable, Codable, Sendable {
  /// The value that crosses.
  public var cut: String
  /// The fraction of its values that survives.
  public var keep: Double
  /// The blocks they are split into.
  public var blocks: Int
  /// The error a block may have.
  public var tolerance: Double
  /// Bytes of a validation image's stream on average.
  public var meanBytes: Double
  /// The accuracy on the validation images.
  public var accuracy: Double
  /// The accuracy without any compression.
  public var originalAccuracy: Double
  /// How many validation images were looked at.
  public var images: Int

  private enum CodingKeys: String, CodingKey {
    case cut, keep, blocks, tolerance, accuracy, images
    case meanBytes = "mean_bytes"
    case originalAccuracy = "original_accuracy"
  }

  /// The codec of the choice, with another number of blocks if one is given.
  func codec(_ configuration: SLICERConfiguration, blocks: Int? = nil) -> SLICERCodec {
    SLICERCodec(
      keep: keep, blocks: blocks ?? self.blocks, tolerance: Float(tolerance),
      bound: configuration.bound, asymmetry: Float(configuration.asymmetry),
      reading: configuration.reading)
  }
}

/// Why SLICER cannot be set up or has nothing to choose.
public enum SLICERError: Error, Equatable, CustomStringConvertible {
  /// A cut of the recipe is no valid one.
  case cut(String, reason: String)
  /// The head of every cut is above a cap.
  case noCut(known: [String])
  /// A stream cannot lose single values.
  case lossyLink
  /// Nothing was chosen yet.
  case notChosen
  /// What a run holds is no choice.
  case damagedChoice(String)

  /// What is wrong and what to do.
  public var description: String {
    switch self {
    case .cut(let cut, let reason): "slicer.cuts: \(cut) is no valid cut: \(reason)"
    case .noCut(let known):
      "no cut fits slicer.device_memory, slicer.device_macs and slicer.latency; tried "
        + known.joined(separator: ", ")
    case .lossyLink:
      "slicer sends entropy-coded streams, which arrive whole or not at all: leave out link.loss "
        + "and link.noise"
    case .notChosen: "slicer has chosen no setting yet"
    case .damagedChoice(let reason): "choice.json holds no choice of slicer: \(reason)"
    }
  }
}
