import RealModule
import Tensors
import Testing

/// Kernels against their naive twins on tensors long enough to be shared by threads and to leave
/// a remainder after full vectors.
@Suite struct KernelTests {
  static let pool = ThreadPool(threadCount: 3)

  static func numbers(_ shape: Shape, seed: UInt64 = 1) -> Tensor<Float> {
    var random = RandomSource(seed: seed)
    return random.uniform(shape, in: -2...2)
  }

  static func close(_ a: [Float], _ b: [Float], _ tolerance: Float = 1e-5) -> Bool {
    a.count == b.count
      && zip(a, b).allSatisfy { ($0 - $1).magnitude <= tolerance * max(1, $1.magnitude) }
  }

  @Test(
    arguments: [
      ([70_001], [70_001]), ([257, 3, 101], [101]), ([70_001], []), ([3, 1, 45], [900, 1]),
      ([1, 400, 7], [50, 1, 7]), ([300, 1, 1, 5], [1, 90, 1, 5]),
    ] as [(Shape, Shape)])
  func broadcastingReadsTheRightElements(left: Shape, right: Shape) {
    let (a, b) = (Self.numbers(left), Self.numbers(right, seed: 2))
    ThreadPool.$current.withValue(Self.pool) {
      let sum = BinaryFunction.subtract.applied(a, b)
      let shape = sum.shape
      #expect(shape == left.broadcast(with: right))
      func element(_ tensor: Tensor<Float>, _ position: [Int]) -> Int {
        var index = 0
        for (axis, extent) in tensor.shape.dimensions.enumerated() {
          let place = position[shape.rank - tensor.shape.rank + axis]
          index = index * extent + (extent == 1 ? 0 : place)
        }
        return index
      }
      let (left, right, result) = (a.scalars, b.scalars, sum.scalars)
      var wrong = 0
      for index in 0..<sum.count {
        var position = [Int](repeating: 0, count: shape.rank)
        var rest = index
        for axis in stride(from: shape.rank - 1, through: 0, by: -1) {
          position[axis] = rest % shape[axis]
          rest /= shape[axis]
        }
        if result[index] != left[element(a, position)] - right[element(b, position)] { wrong += 1 }
      }
      #expect(wrong == 0)
    }
  }

  @Test(
    arguments: [
      ([100_003], [0]), ([5003, 37], [0]), ([37, 5003], [1]), ([3, 4001, 18], [1]),
      ([7, 41, 3, 99], [0, 2]), ([7, 41, 3, 99], [1, 3]), ([7, 1, 3], [1]), ([0, 3], [0]),
    ] as [(Shape, [Int])])
  func sumsEqualThoseInDouble(shape: Shape, axes: [Int]) {
    let x = Self.numbers(shape)
    var kept = shape
    for axis in axes { kept[axis] = 1 }
    var expected = [Double](repeating: 0, count: kept.elementCount)
    for (index, value) in x.scalars.enumerated() {
      var (rest, target, scale) = (index, 0, 1)
      for axis in stride(from: shape.rank - 1, through: 0, by: -1) {
        if !axes.contains(axis) { target += rest % shape[axis] * scale }
        scale *= kept[axis]
        rest /= shape[axis]
      }
      expected[target] += Double(value)
    }
    let sums = (1...3).map { threads in
      ThreadPool.$current.withValue(ThreadPool(threadCount: threads)) {
        x.reduced(.sum, axes: axes)
      }
    }
    #expect(sums[0].shape == kept)
    #expect(Self.close(sums[0].scalars, expected.map { Float($0) }, 3e-4))
    #expect(sums[0] == sums[1] && sums[0] == sums[2])
  }

  @Test func batchesAreJoinedInTheirOrder() {
    let first = Tensor<Float>([2, 1, 2], [1, 2, 3, 4])
    let second = Tensor<Float>([1, 1, 2], [5, 6])
    let none = Tensor<Float>([0, 1, 2], [])
    let joined = Tensor.joined([first, none, second])
    #expect(joined.shape == [3, 1, 2])
    #expect(joined.scalars == [1, 2, 3, 4, 5, 6])
    #expect(joined.rows(0..<2).scalars == first.scalars)
  }

  @Test func extremaAreFoundWhereverTheyAre() {
    for place in [0, 17, 40_000, 99_999] {
      var x = Self.numbers([100_000])
      x.withUnsafeMutableBufferPointer { $0[place] = 9 }
      #expect(x.reduced(.maximum, axes: [0]).item == 9)
      #expect(
        UnaryFunction.affine(scale: -1, shift: 0).applied(to: x).reduced(.minimum, axes: [0])
          .item == -9)
      x.withUnsafeMutableBufferPointer { $0[place] = .nan }
      #expect(x.reduced(.maximum, axes: [0]).item.isNaN)
    }
  }

  @Test func theVectorExponentialIsAccurate() {
    var worst: Double = 0
    for step in -86_900...88_700 {
      let x = Float(step) * 1e-3
      let exact = Double.exp(Double(x))
      worst = max(worst, (Double(Float.kernelExp(x)) - exact).magnitude / exact)
    }
    // Two units in the last place of a Float.
    #expect(worst < 0x1p-22)
    #expect(Float.kernelExp(-100) == 0)
    #expect(Float.kernelExp(-.infinity) == 0)
    #expect(Float.kernelExp(89) == .infinity)
    #expect(Float.kernelExp(.infinity) == .infinity)
    #expect(Float.kernelExp(.nan).isNaN)
    #expect(Float.kernelExp(0) == 1)
  }

  @Test func theOtherVectorFunctionsAreAccurate() {
    var (tanh, erf, expMinusOne, log) = (0.0, 0.0, 0.0, 0.0)
    for step in -60_000...60_000 where step != 0 {
      let x = Float(step) * 2e-4
      let exact = Double(x)
      func relative(_ own: Float, _ exact: Double) -> Double {
        ((Double(own) - exact) / exact).magnitude
      }
      tanh = max(tanh, relative(Float.kernelTanh(x), Double.tanh(exact)))
      erf = max(erf, relative(Float.kernelErf(x), Double.erf(exact)))
      if x < 0 {
        expMinusOne = max(expMinusOne, relative(.kernelExpMinusOne(x), .expMinusOne(exact)))
      }
      if x > 0, x <= 1 {
        log = max(log, relative(Float.kernelLogOnePlus(x), Double.log(onePlus: exact)))
      }
    }
    #expect(tanh < 1e-6 && erf < 1e-6 && expMinusOne < 1e-6 && log < 1e-6)
    #expect(Float.kernelTanh(.infinity) == 1 && Float.kernelTanh(-.infinity) == -1)
    #expect(Float.kernelTanh(.nan).isNaN && Float.kernelErf(.nan).isNaN)
    #expect(Float.kernelExpMinusOne(-.infinity) == -1)
  }

  @Test(arguments: Activation.allCases) func epiloguesEqualTheActivation(_ activation: Activation) {
    let x = Self.numbers([1003])
    var inPlace = x
    inPlace.withUnsafeMutableBufferPointer { buffer in
      if let base = buffer.baseAddress { activation.apply(inPlace: base, count: buffer.count) }
    }
    #expect(inPlace == UnaryFunction.activation(activation).applied(to: x))
    #expect(inPlace != x)
  }

  @Test func aNaNPassesThroughEveryActivation() {
    let x = Tensor<Float>([20], repeating: .nan)
    for activation in Activation.allCases {
      let y = UnaryFunction.activation(activation).applied(to: x)
      #expect(y.scalars.allSatisfy { $0.isNaN })
    }
  }

  @Test func transposingTwiceGivesTheTensorBack() {
    let x = Self.numbers([5, 130, 7, 33])
    let turned = x.transposed([3, 1, 0, 2])
    #expect(turned.shape == [33, 130, 5, 7])
    // turned[1, 2, 3, 4] is x[3, 2, 4, 1].
    let there = ((1 * 130 + 2) * 5 + 3) * 7 + 4
    let here = ((3 * 130 + 2) * 7 + 4) * 33 + 1
    #expect(turned.scalars[there] == x.scalars[here])
    #expect(turned.transposed([2, 1, 3, 0]) == x)
  }

  @Test func blocksAreReadAndWrittenAtTheirPlaces() {
    let x = Self.numbers([40, 50, 60])
    let block = x.extracted(starts: [1, 2, 3], extents: [13, 16, 57], steps: [3, 3, 1])
    let inBlock = (2 * 16 + 5) * 57 + 7
    let inWhole = (7 * 50 + 17) * 60 + 10
    #expect(block.scalars[inBlock] == x.scalars[inWhole])
    var y = Tensor<Float>(x.shape, repeating: 0)
    y.insert(block, starts: [1, 2, 3], steps: [3, 3, 1])
    #expect(y.extracted(starts: [1, 2, 3], extents: [13, 16, 57], steps: [3, 3, 1]) == block)
    #expect(y.scalars.count { $0 != 0 } == block.scalars.count { $0 != 0 })
  }
}
