/// A small convolutional network in fixed-point integers, for what encoder and decoder both have to
/// compute and must not disagree about.
///
/// Values have 16 bits after the point and are held within ±2¹⁴; sums are exact, and rounded once a
/// layer, halves up. The same bytes therefore give the same result on every machine. Source: Ballé,
/// Johnston and Minnen 2019, https://openreview.net/forum?id=S1zz2i0cY7. Deviation: weights are
/// those of the trained network in 16 bits, without training in integers.
public struct IntegerNetwork: Equatable, Sendable {
  /// One step.
  public enum Layer: Equatable, Sendable {
    /// Magnitudes.
    case absolute
    /// `max(x, 0)`.
    case rectified
    /// Every pixel twice in both directions, up to an extent.
    case doubled
    /// A sum over windows.
    case convolution(Convolution)
  }

  /// A convolution whose windows reach as far beyond the image as they need to be centred.
  public struct Convolution: Equatable, Sendable {
    /// Channels of the input.
    public let inputs: Int
    /// Channels of the output.
    public let outputs: Int
    /// The odd extent of the window in both directions.
    public let kernel: Int
    /// The step between windows, 1 or 2.
    public let stride: Int
    /// How many bits of a weight stand after the point.
    let shift: Int
    /// `[kernel, kernel, inputs, outputs]`.
    let weights: [Int16]
    /// `[outputs]`, with the bits after the point of a weight and of a value.
    let biases: [Int64]

    /// Rounds the weights of a convolution, with as many bits after the point as the largest leaves.
    ///
    /// - Parameters:
    ///   - weights: `[kernel, kernel, inputs, outputs]`.
    ///   - biases: `[outputs]`.
    /// - Precondition: counts are those of the extents, which are at least 1 and at most 1024
    ///   channels and a window of 7; the stride is 1 or 2, and all numbers are finite and below
    ///   2¹⁴.
    public init(
      inputs: Int, outputs: Int, kernel: Int, stride: Int, weights: [Float], biases: [Float]
    ) {
      precondition(
        weights.count == kernel * kernel * inputs * outputs && biases.count == outputs
          && Convolution.isSane(inputs: inputs, outputs: outputs, kernel: kernel, stride: stride)
          && (weights + biases).allSatisfy { abs($0) < 0x1p14 },
        "IntegerNetwork: a convolution of \(weights.count) weights")
      let largest = weights.reduce(0) { max($0, $1.magnitude) }
      var shift = Convolution.mostShift
      while shift > 0, largest * Float(sign: .plus, exponent: shift, significand: 1) > 32766 {
        shift -= 1
      }
      let unit = Float(sign: .plus, exponent: shift, significand: 1)
      self.inputs = inputs
      self.outputs = outputs
      self.kernel = kernel
      self.stride = stride
      self.shift = shift
      self.weights = weights.map { Int16(($0 * unit).rounded()) }
      self.biases = biases.map { Int64((Double($0) * Double(unit) * 0x1p16).rounded()) }
    }

    fileprivate static let mostShift = 24
    private static let farthestBias = Int64(1) << (14 + 16 + mostShift)

    private static func isSane(inputs: Int, outputs: Int, kernel: Int, stride: Int) -> Bool {
      (1...1024).contains(inputs) && (1...1024).contains(outputs) && kernel % 2 == 1
        && (1...7).contains(kernel) && (1...2).contains(stride)
    }

    fileprivate init(_ reader: inout ByteReader) throws(CodecError) {
      inputs = Int(try reader.fixed(UInt16.self, of: "the channels of a layer"))
      outputs = Int(try reader.fixed(UInt16.self, of: "the channels of a layer"))
      kernel = Int(try reader.byte(of: "the window of a layer"))
      stride = Int(try reader.byte(of: "the stride of a layer"))
      shift = Int(try reader.byte(of: "the scale of a layer"))
      guard
        Convolution.isSane(inputs: inputs, outputs: outputs, kernel: kernel, stride: stride),
        shift <= Convolution.mostShift
      else { throw .damaged("a layer of \(inputs) and \(outputs) channels, window \(kernel)") }
      let count = kernel * kernel * inputs * outputs
      guard reader.remaining >= 2 * count + 8 * outputs else {
        throw .truncated(needed: "the weights of a layer")
      }
      var weights: [Int16] = []
      weights.reserveCapacity(count)
      for _ in 0..<count { weights.append(try reader.fixed(Int16.self, of: "a weight")) }
      var biases: [Int64] = []
      for _ in 0..<outputs { biases.append(try reader.fixed(Int64.self, of: "a bias")) }
      guard biases.allSatisfy({ abs($0) <= Convolution.farthestBias }) else {
        throw .damaged("a bias is out of range")
      }
      self.weights = weights
      self.biases = biases
    }

    fileprivate func write(to writer: inout ByteWriter) {
      writer.write(fixed: UInt16(inputs))
      writer.write(fixed: UInt16(outputs))
      writer.write(byte: UInt8(kernel))
      writer.write(byte: UInt8(stride))
      writer.write(byte: UInt8(shift))
      for weight in weights { writer.write(fixed: weight) }
      for bias in biases { writer.write(fixed: bias) }
    }
  }

  /// Rows and columns of an image.
  struct Extent: Equatable {
    var height: Int
    var width: Int
  }

  /// An image, channels last, each value with ``fractionBits`` after the point.
  struct Image: Equatable {
    var extent: Extent
    var channels: Int
    var values: [Int32]
  }

  /// The bits of a value after the point.
  static let fractionBits = 16
  /// Values do not get farther from 0.
  static let farthest: Int64 = 1 << (14 + fractionBits)

  private static let mostLayers = 32
  private static let mostDoublings = 4

  /// The steps, in order.
  public let layers: [Layer]

  /// Creates a network.
  ///
  /// - Precondition: there is a convolution, each one takes the channels the one before gives, and
  ///   there are at most 32 steps and 4 doublings.
  public init(_ layers: [Layer]) {
    precondition(
      IntegerNetwork.fits(layers), "IntegerNetwork: layers that do not fit each other")
    self.layers = layers
  }

  private static func fits(_ layers: [Layer]) -> Bool {
    var channels: Int?
    for case .convolution(let layer) in layers {
      if let channels, channels != layer.inputs { return false }
      channels = layer.outputs
    }
    return channels != nil && layers.count <= mostLayers
      && layers.count { $0 == .doubled } <= mostDoublings
  }

  private var convolutions: [Convolution] {
    layers.compactMap { if case .convolution(let layer) = $0 { layer } else { nil } }
  }

  /// Channels of the input.
  public var inputs: Int { convolutions[0].inputs }

  /// Channels of the output.
  public var outputs: Int { convolutions[convolutions.count - 1].outputs }

  /// How often the network halves the extent of an image.
  var halvings: Int { convolutions.count { $0.stride == 2 } }

  /// How often the network doubles it.
  var doublings: Int { layers.count { $0 == .doubled } }

  /// The extents of an image before each halving, and in the end.
  func extents(height: Int, width: Int) -> [Extent] {
    (0..<halvings).reduce(into: [Extent(height: height, width: width)]) { extents, _ in
      let last = extents[extents.count - 1]
      extents.append(Extent(height: (last.height + 1) / 2, width: (last.width + 1) / 2))
    }
  }

  /// Multiply-accumulates for an image of the first extent; doublings lead to the others in turn.
  func multiplyAccumulates(_ extents: [Extent]) -> Int {
    var extent = extents[0]
    var next = 1
    return layers.reduce(0) { sum, layer in
      switch layer {
      case .absolute, .rectified: return sum
      case .doubled:
        extent = extents[next]
        next += 1
        return sum
      case .convolution(let layer):
        extent = layer.result(of: extent)
        return sum + extent.height * extent.width * layer.weights.count
      }
    }
  }

  /// The result for an image.
  ///
  /// - Parameter extents: what each doubling leads to, at most twice of what there was.
  /// - Precondition: the image has ``inputs`` channels, and there is an extent for each doubling.
  func callAsFunction(_ image: Image, enlargingTo extents: [Extent] = []) -> Image {
    precondition(
      image.channels == inputs && extents.count == doublings,
      "IntegerNetwork: \(image.channels) channels, \(extents.count) extents")
    var image = image
    var next = 0
    for layer in layers {
      switch layer {
      case .absolute:
        for index in image.values.indices { image.values[index] = abs(image.values[index]) }
      case .rectified:
        for index in image.values.indices { image.values[index] = max(image.values[index], 0) }
      case .doubled:
        image = IntegerNetwork.doubled(image, to: extents[next])
        next += 1
      case .convolution(let layer): image = layer(image)
      }
    }
    return image
  }

  private static func doubled(_ image: Image, to extent: Extent) -> Image {
    var values: [Int32] = []
    values.reserveCapacity(extent.height * extent.width * image.channels)
    for row in 0..<extent.height {
      for column in 0..<extent.width {
        let start = (row / 2 * image.extent.width + column / 2) * image.channels
        values += image.values[start..<start + image.channels]
      }
    }
    return Image(extent: extent, channels: image.channels, values: values)
  }

  /// The nearest fixed-point number, within the bounds of values.
  static func fixed(_ value: Float) -> Int32 {
    let scaled = (Double(value) * 0x1p16).rounded(.toNearestOrEven)
    return Int32(min(max(scaled, -Double(farthest)), Double(farthest)))
  }

  // MARK: - As bytes

  func write(to writer: inout ByteWriter) {
    writer.write(byte: UInt8(layers.count))
    for layer in layers {
      switch layer {
      case .absolute: writer.write(byte: 0)
      case .rectified: writer.write(byte: 1)
      case .doubled: writer.write(byte: 2)
      case .convolution(let layer):
        writer.write(byte: 3)
        layer.write(to: &writer)
      }
    }
  }

  init(_ reader: inout ByteReader) throws(CodecError) {
    let count = Int(try reader.byte(of: "the number of layers"))
    guard count <= IntegerNetwork.mostLayers else { throw .damaged("\(count) layers") }
    var layers: [Layer] = []
    for _ in 0..<count {
      switch try reader.byte(of: "the kind of a layer") {
      case 0: layers.append(.absolute)
      case 1: layers.append(.rectified)
      case 2: layers.append(.doubled)
      case 3: layers.append(.convolution(try Convolution(&reader)))
      case let kind: throw .damaged("a layer of kind \(kind)")
      }
    }
    guard IntegerNetwork.fits(layers) else { throw .damaged("layers do not fit each other") }
    self.layers = layers
  }
}

extension IntegerNetwork.Convolution {
  func result(of extent: IntegerNetwork.Extent) -> IntegerNetwork.Extent {
    IntegerNetwork.Extent(
      height: (extent.height + stride - 1) / stride, width: (extent.width + stride - 1) / stride)
  }

  func callAsFunction(_ image: IntegerNetwork.Image) -> IntegerNetwork.Image {
    let result = result(of: image.extent)
    let (height, width) = (result.height, result.width)
    let margin = kernel / 2
    let half = shift > 0 ? Int64(1) << (shift - 1) : 0
    let values = [Int32](unsafeUninitializedCapacity: height * width * outputs) { target, count in
      image.values.withUnsafeBufferPointer { source in
        weights.withUnsafeBufferPointer { weights in
          withUnsafeTemporaryAllocation(of: Int64.self, capacity: outputs) { sums in
            for row in 0..<height {
              for column in 0..<width {
                for output in 0..<outputs { sums.initializeElement(at: output, to: biases[output]) }
                for y in 0..<kernel {
                  let line = row * stride + y - margin
                  guard line >= 0, line < image.extent.height else { continue }
                  for x in 0..<kernel {
                    let place = column * stride + x - margin
                    guard place >= 0, place < image.extent.width else { continue }
                    let pixel = (line * image.extent.width + place) * inputs
                    let window = (y * kernel + x) * inputs * outputs
                    for input in 0..<inputs {
                      let value = Int64(source[pixel + input])
                      guard value != 0 else { continue }
                      let start = window + input * outputs
                      for output in 0..<outputs {
                        sums[output] &+= value &* Int64(weights[start + output])
                      }
                    }
                  }
                }
                for output in 0..<outputs {
                  let rounded = (sums[output] + half) >> Int64(shift)
                  let held = min(max(rounded, -IntegerNetwork.farthest), IntegerNetwork.farthest)
                  target.initializeElement(
                    at: (row * width + column) * outputs + output, to: Int32(held))
                }
              }
            }
          }
        }
      }
      count = height * width * outputs
    }
    return IntegerNetwork.Image(extent: result, channels: outputs, values: values)
  }
}
