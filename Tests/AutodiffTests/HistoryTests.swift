import Autodiff
import Tensors
import Testing

/// What the history of a value keeps in memory.
///
/// The buffer pool is the process's, and other tests run beside these: each is a process of its own.
@Suite struct HistoryTests {
  static let shape: Shape = [1 << 20]
  static let bytes = shape.elementCount * MemoryLayout<Float>.stride

  static var bytesInUse: Int { BufferPool.process.statistics.bytesInUse }

  @Test func valuesNoPullbackNeedsAreNotKept() async {
    await #expect(processExitsWith: .success) {
      let leaf = Variable(Tensor<Float>(HistoryTests.shape, repeating: 1), requiresGradient: true)
      let one = Variable(Tensor<Float>(1))
      let before = HistoryTests.bytesInUse
      var value = leaf
      for _ in 0..<8 { value = .apply(Add(), [value, one]) }
      let grown = HistoryTests.bytesInUse - before
      // The last value is held here; the seven before it are needed by nothing.
      #expect(grown > HistoryTests.bytes / 2)
      #expect(grown < 2 * HistoryTests.bytes)
      Variable.apply(Sum(), [value]).backward()
      #expect(leaf.gradient?.scalars.first == 1)
    }
  }

  @Test func valuesAPullbackNeedsAreKeptUntilItHasRun() async {
    await #expect(processExitsWith: .success) {
      let leaf = Variable(Tensor<Float>(HistoryTests.shape, repeating: 1), requiresGradient: true)
      let before = HistoryTests.bytesInUse
      var value = leaf
      for _ in 0..<4 { value = .apply(Exponential(), [.apply(Negate(), [value])]) }
      // Each exponential's pullback is its value times the gradient.
      #expect(HistoryTests.bytesInUse - before > 3 * HistoryTests.bytes)
      let sum = Variable.apply(Sum(), [value])
      value = leaf
      sum.backward()
      #expect(HistoryTests.bytesInUse - before < 3 * HistoryTests.bytes)
      #expect(leaf.gradient != nil)
    }
  }
}
