public import Metrics
public import Splitting
public import Tasks

/// How split systems trade the size of what runs on the device, the bytes they send and the
/// quality of the answer; every figure carries its unit in its name or type.
///
/// Source: the SC2 benchmark, https://arxiv.org/abs/2203.08875.
public struct TradeOffReport: Codable, Sendable {
  /// A link with the name tables call it by.
  public struct NamedLink: Codable, Hashable, Sendable {
    /// The name, such as `Wi-Fi`.
    public var name: String
    /// The link.
    public var link: Link

    /// Creates a named link.
    public init(name: String, link: Link) {
      self.name = name
      self.link = link
    }
  }

  /// What a number is over several seeds.
  public struct Spread: Codable, Hashable, Sendable {
    /// How many values there are; nil in a report that does not say it.
    public var count: Int?
    /// The mean.
    public var mean: Double
    /// The standard deviation of a sample; nil with one seed.
    public var deviation: Double?

    /// Summarises values; nil without any.
    public init?(_ values: [Double]) {
      guard !values.isEmpty else { return nil }
      let mean = values.reduce(0, +) / Double(values.count)
      count = values.count
      self.mean = mean
      guard values.count > 1 else { return }
      let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      deviation = (squares / Double(values.count - 1)).squareRoot()
    }
  }

  /// How good the answers to a task are.
  public struct Quality: Codable, Sendable {
    /// The task.
    public var task: String
    /// The figure it is judged by, such as `accuracy` or `mean_iou`; more is better.
    public var metric: String
    /// The figure over the seeds for which it is defined; nil if for none.
    public var value: Spread?
    /// `1 − value / value of the reference`, below 0 if the system is better; nil if either is not
    /// defined, or the reference's is not above 0.
    public var relativeDrop: Double?
    /// Further figures by their names, averaged over the seeds; nil for one that is not defined.
    public var others: [String: Double?]

    /// Summarises what was measured with several seeds.
    public init(_ results: [TaskResult], reference: TaskResult) {
      task = reference.task
      metric = reference.judged?.name ?? ""
      value = Spread(results.compactMap(\.quality))
      others = [:]
      if let mean = value?.mean, let whole = reference.quality, whole > 0 {
        relativeDrop = 1 - mean / whole
      }
      for metric in reference.metrics.dropFirst() {
        let found = results.compactMap { result in
          result.metrics.first { $0.name == metric.name }?.value
        }
        others[metric.name] = .some(Spread(found)?.mean)
      }
    }

    /// The unit, the range and the better direction of ``value``.
    public var scale: MetricScale { MetricScale(named: metric) }

    /// Writes the figures; those that are not defined are `null`.
    public func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(task, forKey: .task)
      try container.encode(metric, forKey: .metric)
      try container.encode(value, forKey: .value)
      try container.encode(others, forKey: .others)
      try container.encode(relativeDrop, forKey: .relativeDrop)
    }

    private enum CodingKeys: String, CodingKey {
      case task, metric, value, others
      case relativeDrop = "relative_drop"
    }
  }

  /// The bytes that are sent for a sample.
  public struct SampleBytes: Codable, Hashable, Sendable {
    /// The mean.
    public var mean: Double
    /// The median.
    public var p50: Double
    /// What 99 % of the samples do not exceed.
    public var p99: Double

    /// Summarises the samples.
    ///
    /// - Precondition: there is one.
    public init(_ counts: [Int]) {
      precondition(!counts.isEmpty, "TradeOffReport.SampleBytes: no samples")
      let values = counts.map(Double.init)
      mean = values.reduce(0, +) / Double(values.count)
      let percentiles = Percentiles(values)
      p50 = percentiles?.p50 ?? 0
      p99 = percentiles?.p99 ?? 0
    }
  }

  /// The latency and energy of a system under a link.
  public struct LinkCost: Codable, Sendable {
    /// The name of the link.
    public var link: String
    /// Where the time from image to answer goes.
    public var latency: Latency
    /// The sum of the parts of the latency.
    public var total: TimeSpan
    /// What a sample costs the device, by the recipe's powers.
    public var deviceEnergy: Energy

    private enum CodingKeys: String, CodingKey {
      case link, latency, total
      case deviceEnergy = "device_energy"
    }
  }

  /// A system's figures.
  public struct System: Codable, Sendable {
    /// What it is called.
    public var name: String
    /// The curve it is a point of.
    public var family: String
    /// How many seeds the figures are of.
    public var seeds: Int
    /// Bytes of everything that runs on the device.
    public var encoderBytes: Int
    /// Multiply-accumulates on the device for a sample, on average.
    public var deviceMACs: Int
    /// Multiply-accumulates on the server for a sample, on average: none for what the device answers.
    public var serverMACs: Int
    /// The exact bytes sent for a sample, over all samples and seeds.
    public var bytes: SampleBytes
    /// The mean of the bytes the system's own model expected, without headers; nil if it has none.
    public var estimatedBytes: Double?
    /// How good the answers to each task are; one entry for a classifier.
    public var qualities: [Quality]
    /// The share of samples that are sent; the device answers the others itself.
    public var sentShare: Double
    /// ``encoderBytes`` times the mean of ``bytes``, in square kibibytes: SC2's combined view.
    public var encoderTimesData: Double
    /// Median time of the device's part for a sample, without encoding.
    public var deviceTime: TimeSpan
    /// Median time to write the bytes.
    public var encodeTime: TimeSpan
    /// Median time to read the bytes.
    public var decodeTime: TimeSpan
    /// Median time of the server's part, without decoding.
    public var serverTime: TimeSpan
    /// Latency and energy under each link.
    public var links: [LinkCost]

    /// The figure the first task is judged by, the accuracy of a classifier; nil if it is not defined.
    public var accuracy: Spread? { qualities.first?.value }

    /// ``Quality/relativeDrop`` of the first task.
    public var relativeDrop: Double? { qualities.first?.relativeDrop }

    private enum CodingKeys: String, CodingKey {
      case name, family, seeds
      case encoderBytes = "encoder_bytes"
      case deviceMACs = "device_macs"
      case serverMACs = "server_macs"
      case bytes = "bytes_per_sample"
      case estimatedBytes = "estimated_bytes"
      case qualities
      case sentShare = "sent_share"
      case encoderTimesData = "encoder_times_data_kib2"
      case deviceTime = "device_time"
      case encodeTime = "encode_time"
      case decodeTime = "decode_time"
      case serverTime = "server_time"
      case links
    }
  }

  /// The data set.
  public var dataset: String
  /// How many test samples.
  public var samples: Int
  /// Of how many of them the times are medians.
  public var timedSamples: Int
  /// The threads that times are measured with.
  public var timingThreads: Int
  /// The name of the system that accuracies are compared with.
  public var reference: String
  /// The links.
  public var links: [NamedLink]
  /// The systems, the reference first.
  public var systems: [System]
  /// What a person should know of the data, such as how a part of them was drawn; nil if nothing.
  public var notes: [String]?

  private enum CodingKeys: String, CodingKey {
    case dataset, samples
    case timedSamples = "timed_samples"
    case timingThreads = "timing_threads"
    case reference, links, systems, notes
  }
}
