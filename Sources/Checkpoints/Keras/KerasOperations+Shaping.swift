internal import Networks
internal import Tensors

extension KerasOperations {
  /// What an index expression takes of one axis.
  private enum Pick {
    case range(Range<Int>, step: Int)
    /// Every element, last first.
    case reversed
    /// One element; the axis goes.
    case element(Int)
  }

  /// Part of a value: `x[:, 1:3]`, `x[..., ::-1]`, `x[..., 0]`.
  static func item(
    _ operation: KerasConfiguration, _ inputs: [Shape]
  ) throws(CheckpointError) -> [KerasPart] {
    let input = try only(inputs, of: operation)
    let picks = try picks(operation, input)
    let reversed = picks.indices.filter { if case .reversed = picks[$0] { true } else { false } }
    var starts: [Int] = []
    var ends: [Int?] = []
    var steps: [Int] = []
    var kept: [Int] = []
    for (axis, pick) in picks.enumerated() {
      switch pick {
      case .range(let range, let step):
        (starts, ends, steps) = (
          starts + [range.lowerBound], ends + [range.upperBound], steps + [step]
        )
        kept.append((range.count + step - 1) / step)
      case .reversed:
        (starts, ends, steps) = (starts + [0], ends + [nil], steps + [1])
        kept.append(input[axis])
      case .element(let index):
        (starts, ends, steps) = (starts + [index], ends + [index + 1], steps + [1])
      }
    }
    let slice = SliceLayer(starts: starts, ends: ends, steps: steps)
    if let axis = reversed.first {
      guard reversed.count == 1, kept.count == input.rank else {
        throw operation.failure("reverses axes and drops others, which is not supported")
      }
      return try reverse(axis, of: input, slice, operation)
    }
    guard kept.count < input.rank else { return [KerasPart(slice)] }
    return [KerasPart(slice, suffix: "slice"), KerasPart(ReshapeLayer(Shape(kept)))]
  }

  /// Every element of an axis for itself, joined in the other order.
  private static func reverse(
    _ axis: Int, of input: Shape, _ slice: SliceLayer, _ operation: KerasConfiguration
  ) throws(CheckpointError) -> [KerasPart] {
    // A colour order is reversed; more would be as many nodes.
    guard (2...4).contains(input[axis]) else {
      throw operation.failure(
        "reverses \(input[axis]) elements, which is supported for 2 to 4, such as colours")
    }
    var parts = (0..<input[axis]).map { index in
      var single = slice
      single.starts[axis] = index
      single.ends[axis] = index + 1
      return KerasPart(single, suffix: "\(index)", sources: [.input(0)])
    }
    parts.append(
      KerasPart(
        ConcatenateLayer(axis: axis), sources: parts.indices.reversed().map { .part($0) }))
    return parts
  }

  /// What is taken of each axis of the sample.
  private static func picks(
    _ operation: KerasConfiguration, _ input: Shape
  ) throws(CheckpointError) -> [Pick] {
    let key = operation["key"]
    let entries = key?.array ?? key.map { [$0] } ?? []
    let rank = input.rank + 1
    var picks: [Pick] = []
    func fail(_ entry: JSONValue) -> CheckpointError {
      operation.failure("takes part \(entry.words) of a value of \(input), which is not supported")
    }
    for (position, entry) in entries.enumerated() {
      if entry["class_name"]?.string == "__ellipsis__" {
        let missing = rank - (entries.count - 1)
        guard missing >= 0, picks.count == position else { throw fail(entry) }
        while picks.count < position + missing { picks.append(try whole(picks.count, input)) }
        continue
      }
      guard picks.count < rank else { throw fail(entry) }
      let extent = picks.isEmpty ? 1 : input[picks.count - 1]
      if let index = entry.integer, !picks.isEmpty {
        let place = index < 0 ? index + extent : index
        guard (0..<extent).contains(place) else { throw fail(entry) }
        picks.append(.element(place))
        continue
      }
      let bounds = entry["class_name"]?.string == "__slice__" ? entry["config"] : entry
      guard case .object(let members)? = bounds else { throw fail(entry) }
      func bound(_ key: String) throws(CheckpointError) -> Int? {
        guard let value = members[key], value != .null else { return nil }
        guard let number = value.integer, abs(number) <= Plausibility.largestExtent else {
          throw fail(entry)
        }
        return number
      }
      let (start, stop, step) = (try bound("start"), try bound("stop"), try bound("step") ?? 1)
      if picks.isEmpty {
        guard start ?? 0 == 0, stop == nil, step == 1 else {
          throw operation.failure("takes part of a batch, which is not supported")
        }
        picks.append(.range(0..<1, step: 1))
      } else if step == -1, start == nil, stop == nil {
        picks.append(.reversed)
      } else {
        func place(_ bound: Int) -> Int { min(max(bound < 0 ? bound + extent : bound, 0), extent) }
        let (first, end) = (place(start ?? 0), place(stop ?? extent))
        guard step > 0, first < end else { throw fail(entry) }
        picks.append(.range(first..<end, step: step))
      }
    }
    while picks.count < rank { picks.append(try whole(picks.count, input)) }
    return Array(picks.dropFirst())
  }

  private static func whole(_ axis: Int, _ input: Shape) throws(CheckpointError) -> Pick {
    .range(0..<(axis == 0 ? 1 : input[axis - 1]), step: 1)
  }

  /// Values side by side along an axis of their own.
  static func stack(
    _ operation: KerasConfiguration, _ inputs: [Shape]
  ) throws(CheckpointError) -> [KerasPart] {
    guard let first = inputs.first, inputs.allSatisfy({ $0 == first }),
      first.rank < Shape.maximumRank - 1
    else { throw operation.failure("stacks values of different shapes") }
    let rank = first.rank + 1
    let axis = try operation.integer("axis", default: 0, in: -rank...rank)
    let place = axis < 0 ? axis + rank : axis - 1
    guard place >= 0 else { throw operation.failure("stacks batches, which is not supported") }
    let shape = Shape(first.dimensions.prefix(place) + [1] + first.dimensions.dropFirst(place))
    let parts = inputs.indices.map {
      KerasPart(ReshapeLayer(shape), suffix: "\($0)", sources: [.input($0)])
    }
    guard parts.count > 1 else { return [KerasPart(ReshapeLayer(shape))] }
    return parts + [
      KerasPart(ConcatenateLayer(axis: place), sources: parts.indices.map { .part($0) })
    ]
  }

  /// A shape whose first extent is the batch's.
  static func reshape(
    _ operation: KerasConfiguration, _ inputs: [Shape]
  ) throws(CheckpointError) -> [KerasPart] {
    guard let shape = operation["shape"]?.array, shape.first?.integer == -1, shape.count > 1 else {
      throw operation.failure(
        "makes \(operation["shape"]?.words ?? "a computed shape"), expected -1 for the batch first")
    }
    return try KerasLayers.reshape(operation, inputs, to: .array(Array(shape.dropFirst())))
  }

  /// The mean over both axes of an image.
  static func mean(
    _ operation: KerasConfiguration, _ inputs: [Shape]
  ) throws(CheckpointError) -> [KerasPart] {
    let input = try only(inputs, of: operation)
    let axes = (operation["axis"]?.array ?? []).compactMap(\.integer)
      .map { $0 < 0 ? $0 + input.rank + 1 : $0 }
    guard input.rank == 3, axes.sorted() == [1, 2] else {
      throw operation.failure(
        "is over the axes \(operation["axis"]?.words ?? "of all") of a value of \(input), expected "
          + "the two of an image, [1, 2]")
    }
    let keeps = try operation.bool("keepdims", default: false)
    return [KerasPart(GlobalAveragePoolLayer(keepsDimensions: keeps))]
  }

  static func resize(
    _ operation: KerasConfiguration, _ inputs: [Shape]
  ) throws(CheckpointError) -> [KerasPart] {
    let input = try only(inputs, of: operation)
    let size = (operation["size"]?.array ?? []).compactMap(\.integer)
    let range = 1...Plausibility.largestImageSide
    guard input.rank == 3, size.count == 2, size.allSatisfy(range.contains) else {
      throw operation.failure("resizes \(input) to \(operation["size"]?.words ?? "nothing")")
    }
    let mode = operation["method"] ?? operation["interpolation"]
    return [
      try KerasLayers.resize(
        operation, input, to: Extent2D(height: size[0], width: size[1]),
        mode: mode.map { $0.string ?? $0.words } ?? "bilinear", suffix: "")
    ]
  }

  private static func only(
    _ inputs: [Shape], of operation: KerasConfiguration
  ) throws(CheckpointError) -> Shape {
    guard let input = inputs.first, inputs.count == 1 else {
      throw operation.failure("reads \(inputs.count) values, expected one")
    }
    return input
  }
}
