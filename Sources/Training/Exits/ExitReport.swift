public import Splitting

/// What a network with early exits does over all thresholds.
public struct ExitReport: Codable, Sendable {
  /// One exit.
  public struct Exit: Codable, Sendable {
    /// The value that it reads.
    public var edge: String
    /// Where it stands.
    public var place: ExitDecision.Place
    /// What logits are divided by.
    public var temperature: Double
    /// The share of all samples that it alone answers right.
    public var accuracy: Double
    /// Its expected calibration error with the logits as they are.
    public var calibrationErrorBefore: Double
    /// Its expected calibration error as it is deployed.
    public var calibrationError: Double
    /// Multiply-accumulates of the exit itself.
    public var macs: Int
    /// Bytes of the exit itself: parameters and where they belong.
    public var bytes: Int

    /// Describes an exit.
    public init(
      edge: String, place: ExitDecision.Place, temperature: Double, accuracy: Double,
      calibrationErrorBefore: Double, calibrationError: Double, macs: Int, bytes: Int
    ) {
      self.edge = edge
      self.place = place
      self.temperature = temperature
      self.accuracy = accuracy
      self.calibrationErrorBefore = calibrationErrorBefore
      self.calibrationError = calibrationError
      self.macs = macs
      self.bytes = bytes
    }

    private enum CodingKeys: String, CodingKey {
      case edge, place, temperature, accuracy, macs, bytes
      case calibrationErrorBefore = "calibration_error_before"
      case calibrationError = "calibration_error"
    }
  }

  /// What comes of one threshold, means over the test images.
  public struct Point: Codable, Sendable {
    /// What it is, such as `threshold`, `local`, `remote` or `chosen`.
    public var name: String
    /// How sure an exit has to be; nil where that is not asked.
    public var threshold: Double?
    /// The share of samples that is answered right.
    public var accuracy: Double
    /// The share of samples that leave at each exit.
    public var exitShares: [Double]
    /// Bytes sent up for an image.
    public var bytes: Double
    /// Multiply-accumulates on the device for an image.
    public var deviceMACs: Double
    /// Multiply-accumulates on the server for an image.
    public var serverMACs: Double
    /// Time from an image to its answer.
    public var latency: TimeSpan
    /// The energy of the device for an image.
    public var energy: Energy

    /// Describes a point.
    public init(
      name: String, threshold: Double?, accuracy: Double, exitShares: [Double], bytes: Double,
      deviceMACs: Double, serverMACs: Double, latency: TimeSpan, energy: Energy
    ) {
      self.name = name
      self.threshold = threshold
      self.accuracy = accuracy
      self.exitShares = exitShares
      self.bytes = bytes
      self.deviceMACs = deviceMACs
      self.serverMACs = serverMACs
      self.latency = latency
      self.energy = energy
    }

    private enum CodingKeys: String, CodingKey {
      case name, threshold, accuracy, bytes, latency, energy
      case exitShares = "exit_shares"
      case deviceMACs = "device_macs"
      case serverMACs = "server_macs"
    }
  }

  /// How exits say that they are sure.
  public var rule: ExitRule
  /// The exits.
  public var exits: [Exit]
  /// Everything on the device, nothing there, and what was chosen on the validation images.
  public var named: [Point]
  /// The whole range of thresholds.
  public var curve: [Point]

  /// Collects what was measured.
  public init(rule: ExitRule, exits: [Exit], named: [Point], curve: [Point]) {
    self.rule = rule
    self.exits = exits
    self.named = named
    self.curve = curve
  }
}
