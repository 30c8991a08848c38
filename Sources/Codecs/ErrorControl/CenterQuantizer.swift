public import Tensors

/// The nearest of a few centres, by an index of a fixed number of bits.
///
/// Indices follow the order of the centres, so that a bit that is turned over moves a value to a centre
/// that is near more often than not.
public struct CenterQuantizer: Equatable, Sendable {
  /// How an index is written in bits.
  public enum Mapping: String, Codable, CaseIterable, Sendable {
    /// As the number it is.
    case binary
    /// Neighbours differ in one bit.
    case gray
  }

  /// How many centres there may be.
  public static let levelRange = 2...256

  /// The centres in ascending order.
  public let centers: [Float]

  /// How an index is written in bits.
  public let mapping: Mapping

  /// Creates a quantiser of centres in any order.
  ///
  /// - Precondition: 2 to 256 finite centres.
  public init(_ centers: [Float], mapping: Mapping = .binary) {
    precondition(
      CenterQuantizer.levelRange.contains(centers.count) && centers.allSatisfy(\.isFinite),
      "CenterQuantizer: \(centers.count) centres")
    self.centers = centers.sorted()
    self.mapping = mapping
  }

  /// Creates a quantiser of centres an equal distance apart.
  public init(evenly range: ClosedRange<Float>, levels: Int, mapping: Mapping = .binary) {
    let step = (range.upperBound - range.lowerBound) / Float(levels - 1)
    self.init((0..<levels).map { range.lowerBound + Float($0) * step }, mapping: mapping)
  }

  /// The bits of an index.
  public var bits: Int { CenterQuantizer.bits(levels: centers.count) }

  /// The bits of an index among so many.
  public static func bits(levels: Int) -> Int {
    Int.bitWidth - max(levels - 1, 1).leadingZeroBitCount
  }

  /// The index of a centre by its place in order, as it is sent.
  private func code(rank: UInt8) -> UInt8 { mapping == .gray ? rank ^ rank >> 1 : rank }

  /// The place in order of the centre of each index there can be; of one that is never sent the last.
  public var ranks: [UInt8] {
    var ranks = [UInt8](repeating: UInt8(centers.count - 1), count: 256)
    for rank in centers.indices { ranks[Int(code(rank: UInt8(rank)))] = UInt8(rank) }
    return ranks
  }

  /// The indices of the nearest centres, the lower of two that are equally near, as they are sent.
  ///
  /// - Throws: ``CodecError/notFinite(index:value:)``: nothing is near a NaN.
  public func codes(of tensor: Tensor<Float>) throws(CodecError) -> [UInt8] {
    try CodecError.checkFinite(tensor.scalars)
    return nearest(to: tensor)
  }

  /// The indices of the nearest centres; of the first for a NaN.
  package func nearest(to tensor: Tensor<Float>) -> [UInt8] {
    let middles = zip(centers, centers.dropFirst()).map { ($0 + $1) / 2 }
    return tensor.withUnsafeBufferPointer { values in
      middles.withUnsafeBufferPointer { middles in
        [UInt8](unsafeUninitializedCapacity: values.count) { target, count in
          for index in 0..<values.count {
            var rank: UInt8 = 0
            for middle in middles { rank &+= values[index] > middle ? 1 : 0 }
            target[index] = code(rank: rank)
          }
          count = values.count
        }
      }
    }
  }

  /// The centres of indices as they arrive; one that was never sent is the last centre's.
  ///
  /// - Precondition: as many as the shape has elements.
  public func values(of codes: [UInt8], shape: Shape) -> Tensor<Float> {
    precondition(codes.count == shape.elementCount, "\(codes.count) indices for \(shape)")
    let table = ranks.map { centers[Int($0)] }
    return table.withUnsafeBufferPointer { table in
      Tensor(shape) { target in
        for index in 0..<codes.count {
          target.initializeElement(at: index, to: table[Int(codes[index])])
        }
      }
    }
  }
}
