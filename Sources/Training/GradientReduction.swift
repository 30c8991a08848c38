internal import Autodiff
internal import Tensors

/// Makes gradients of a batch's shares those of the whole batch, while they are still being computed.
///
/// Parameters are put into buckets from the last to the first, as gradients come; a bucket whose gradients
/// are all there is summed over the processes while the backward pass goes on. Every gradient counts by the
/// samples it is the mean of.
///
/// Source: Li et al., "PyTorch Distributed: Experiences on Accelerating Data Parallel Training",
/// section 3.2, https://arxiv.org/abs/2006.15704.
final class GradientReduction {
  /// What a step came to in all processes.
  struct Totals {
    /// The gradients of the mean loss of the whole batch, by parameter.
    var gradients: [Tensor<Float>?]
    /// The mean loss of the whole batch.
    var loss: Double
    /// The samples of the whole batch.
    var samples: Double
    /// The sums of what every process has signalled.
    var signals: [Double]
  }

  /// The bytes that a bucket takes at least, if there are as many.
  static let bucketBytes = 512 << 10

  private struct Bucket {
    let values: SharedValues
    /// Parameters, and where each begins; behind all of them, for each how many processes have it.
    let places: [(parameter: Int, offset: Int)]
    var missing: Int

    /// Where it begins for each parameter how many processes have it.
    var flags: Int { values.pointer.count - places.count }
  }

  private let processes: any ProcessGroup
  private let shapes: [Shape?]
  private var buckets: [Bucket] = []
  /// For each parameter its bucket and its position there.
  private var positions: [(bucket: Int, index: Int)?]
  /// What came when the gradient's bucket was under way already, from a second backward pass.
  private var late: [Int: Tensor<Float>] = [:]
  private var samples = 0.0
  /// Waits for the sums of the buckets that are sent, in order.
  private var underWay: [() -> Void] = []

  /// - Parameter shapes: of the gradients, by parameter; nil for those that have none.
  init(_ processes: any ProcessGroup, shapes: [Shape?], bucketBytes: Int = bucketBytes) {
    self.processes = processes
    self.shapes = shapes
    positions = Array(repeating: nil, count: shapes.count)
    var places: [(parameter: Int, offset: Int)] = []
    var size = 0
    for (parameter, shape) in shapes.enumerated().reversed() {
      guard let shape else { continue }
      positions[parameter] = (buckets.count, places.count)
      places.append((parameter, size))
      size += shape.elementCount
      if size * MemoryLayout<Float>.stride >= bucketBytes { close(&places, &size) }
    }
    if !places.isEmpty { close(&places, &size) }
  }

  private func close(_ places: inout [(parameter: Int, offset: Int)], _ size: inout Int) {
    buckets.append(
      Bucket(
        values: SharedValues(count: size + places.count), places: places, missing: places.count))
    (places, size) = ([], 0)
  }

  /// Begins a step.
  ///
  /// - Parameter samples: those of this process's share; a part of them if others compute the same.
  func begin(samples: Double) {
    self.samples = samples
    underWay.removeAll(keepingCapacity: true)
    for index in buckets.indices {
      buckets[index].missing = buckets[index].places.count
      buckets[index].values.pointer.update(repeating: 0)
    }
    late = [:]
  }

  /// Takes what a backward pass gives a parameter.
  func add(_ gradient: Tensor<Float>, of parameter: Int) {
    guard let (bucket, index) = positions[parameter] else { return }
    guard bucket >= underWay.count else {
      if var sum = late.removeValue(forKey: parameter) {
        sum.add(gradient)
        late[parameter] = sum
      } else {
        late[parameter] = gradient
      }
      return
    }
    let offset = buckets[bucket].places[index].offset
    let (values, weight) = (buckets[bucket].values.pointer, Float(samples))
    gradient.withUnsafeBufferPointer { scalars in
      for position in scalars.indices {
        values[offset + position] += weight * scalars[position]
      }
    }
    let flag = buckets[bucket].flags + index
    guard values[flag] == 0 else { return }
    values[flag] = 1
    buckets[bucket].missing -= 1
    while underWay.count < buckets.count, buckets[underWay.count].missing == 0 { send() }
  }

  /// Sends the next bucket: the same one in every process, whatever became ready first.
  private func send() {
    underWay.append(processes.beginSum(of: buckets[underWay.count].values))
  }

  /// Ends a step.
  ///
  /// - Parameters:
  ///   - loss: the mean over this process's share.
  ///   - signals: what the processes agree on by their sums.
  func finish(loss: Double, signals: [Double]) -> Totals {
    while underWay.count < buckets.count { send() }
    for wait in underWay { wait() }
    let sums = processes.sum([samples, samples * loss, late.isEmpty ? 0 : 1] + signals)
    if sums[2] > 0 { addLate() }
    var gradients: [Tensor<Float>?] = Array(repeating: nil, count: shapes.count)
    let scale = Float(1 / sums[0])
    for bucket in buckets {
      let values = bucket.values.pointer
      for (index, place) in bucket.places.enumerated() where values[bucket.flags + index] > 0 {
        guard let shape = shapes[place.parameter] else { continue }
        gradients[place.parameter] = Tensor(shape) { (scalars: UnsafeMutableBufferPointer<Float>) in
          for position in scalars.indices {
            scalars[position] = scale * values[place.offset + position]
          }
        }
      }
    }
    return Totals(
      gradients: gradients, loss: sums[1] / sums[0], samples: sums[0],
      signals: Array(sums[3...]))
  }

  /// Adds what came late in any process.
  private func addLate() {
    for bucket in buckets {
      let rest = SharedValues(count: bucket.flags)
      for place in bucket.places {
        guard let gradient = late[place.parameter] else { continue }
        gradient.withUnsafeBufferPointer { scalars in
          for position in scalars.indices {
            rest.pointer[place.offset + position] = Float(samples) * scalars[position]
          }
        }
      }
      processes.beginSum(of: rest)()
      for position in rest.pointer.indices {
        bucket.values.pointer[position] += rest.pointer[position]
      }
    }
  }
}
