public import Networks
public import Splitting

/// What a search of architecture and split has found.
public struct ArchitectureSearchReport: Codable, Sendable {
  /// A network of the space with a place to split it.
  public struct Architecture: Codable, Hashable, Sendable {
    /// The blocks.
    public var blocks: BlockNetwork
    /// The value that crosses; nil if all is on one side.
    public var cut: String?
    /// Where that is, for people: `input`, `after block 3` or `none`.
    public var split: String
    /// Bytes sent up for an image.
    public var uplinkBytes: Int
    /// Multiply-accumulates on the device.
    public var deviceMACs: Int
    /// Multiply-accumulates on the server.
    public var serverMACs: Int
    /// The latency that the table gives it.
    public var latency: Latency
    /// The sum of its parts.
    public var total: TimeSpan
    /// Whether that is within the limit.
    public var isFeasible: Bool
    /// Accuracy on the validation images with the weights that all architectures share.
    public var sharedAccuracy: Double?

    /// Creates a description.
    public init(
      blocks: BlockNetwork, cut: String?, split: String, uplinkBytes: Int, deviceMACs: Int,
      serverMACs: Int, latency: Latency, isFeasible: Bool, sharedAccuracy: Double?
    ) {
      self.blocks = blocks
      self.cut = cut
      self.split = split
      self.uplinkBytes = uplinkBytes
      self.deviceMACs = deviceMACs
      self.serverMACs = serverMACs
      self.latency = latency
      total = latency.total
      self.isFeasible = isFeasible
      self.sharedAccuracy = sharedAccuracy
    }

    private enum CodingKeys: String, CodingKey {
      case blocks, cut, split
      case uplinkBytes = "uplink_bytes"
      case deviceMACs = "device_macs"
      case serverMACs = "server_macs"
      case latency, total
      case isFeasible = "feasible"
      case sharedAccuracy = "shared_accuracy"
    }
  }

  /// A candidate as a point of a plot.
  public struct Point: Codable, Hashable, Sendable {
    /// Its latency by the table.
    public var latency: TimeSpan
    /// Its accuracy on all validation images with shared weights.
    public var accuracy: Double
    /// Whether no other has less latency and as much accuracy.
    public var isOnFront: Bool

    /// Creates a point.
    public init(latency: TimeSpan, accuracy: Double, isOnFront: Bool) {
      self.latency = latency
      self.accuracy = accuracy
      self.isOnFront = isOnFront
    }

    private enum CodingKeys: String, CodingKey {
      case latency, accuracy
      case isOnFront = "on_front"
    }
  }

  /// A part of the found network, by the table and as it was measured in one piece.
  public struct Check: Codable, Hashable, Sendable {
    /// `device` or `server`.
    public var side: String
    /// The sum of its parts in the table, on the machine that measures.
    public var table: TimeSpan
    /// The median time of the part in one piece, on the same machine.
    public var measured: TimeSpan

    /// Creates a check.
    public init(side: String, table: TimeSpan, measured: TimeSpan) {
      self.side = side
      self.table = table
      self.measured = measured
    }
  }

  /// How candidates were chosen.
  public var strategy: String
  /// The points of the space; nil if there are more than 2⁶³.
  public var points: Int?
  /// How many evaluations there were in the search.
  public var evaluations: Int
  /// The share of them that fulfilled the constraint.
  public var feasibleShare: Double
  /// The largest latency that is allowed.
  public var limit: TimeSpan
  /// What the limit is of: `split` for the latency of the split network, `device` for the time of the
  /// whole network on the device.
  public var limited: String
  /// The bits of a value that crosses.
  public var bits: Int
  /// Identifies the table of latencies.
  public var tableHash: String
  /// The machine it was measured on.
  public var machine: String
  /// The day, as in 2026-11-28.
  public var date: String
  /// What was found.
  public var found: Architecture
  /// Whether it is the most probable point, or what else chose it.
  public var origin: String
  /// The found network all on the device, and all on the server.
  public var unsplit: [Architecture]
  /// The table beside measurements of the found network.
  public var checks: [Check]
  /// The best of all networks of the space with the same shared weights, if all were evaluated.
  public var optimum: Architecture?
  /// Everything that was evaluated on all validation images.
  public var candidates: [Point]
  /// Networks that were compared in the last quarter of the search, each on the batch of its step.
  public var latest: [Point]

  /// Creates a report.
  public init(
    strategy: String, points: Int?, evaluations: Int, feasibleShare: Double, limit: TimeSpan,
    limited: String, bits: Int, tableHash: String, machine: String, date: String,
    found: Architecture,
    origin: String, unsplit: [Architecture], checks: [Check], optimum: Architecture?,
    candidates: [Point], latest: [Point]
  ) {
    self.strategy = strategy
    self.points = points
    self.evaluations = evaluations
    self.feasibleShare = feasibleShare
    self.limit = limit
    self.limited = limited
    self.bits = bits
    self.tableHash = tableHash
    self.machine = machine
    self.date = date
    self.found = found
    self.origin = origin
    self.unsplit = unsplit
    self.checks = checks
    self.optimum = optimum
    self.candidates = candidates
    self.latest = latest
  }

  private enum CodingKeys: String, CodingKey {
    case strategy, points, evaluations
    case feasibleShare = "feasible_share"
    case limit, limited, bits
    case tableHash = "table_hash"
    case machine, date, found, origin, unsplit, checks, optimum, candidates, latest
  }
}
