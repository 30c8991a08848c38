import Autodiff
import Tensors
import Testing

/// What the history of a value keeps in memory.
@Suite(.serialized) struct HistoryTests {
  /// Tensors so large that what other tests do meanwhile does not matter.
  let shape: Shape = [16 << 20]
  var bytes: Int { shape.elementCount * MemoryLayout<Float>.stride }

  @Test func valuesNoPullbackNeedsAreNotKept() {
    let leaf = Variable(Tensor<Float>(shape, repeating: 1), requiresGradient: true)
    let one = Variable(Tensor<Float>(1))
    let before = BufferPool.process.statistics.bytesInUse
    var value = leaf
    for _ in 0..<8 { value = .apply(Add(), [value, one]) }
    let grown = BufferPool.process.statistics.bytesInUse - before
    // The last value is held here; the seven before it are needed by nothing.
    #expect(grown > bytes / 2)
    #expect(grown < 3 * bytes)
    Variable.apply(Sum(), [value]).backward()
    #expect(leaf.gradient?.scalars.first == 1)
  }

  @Test func valuesAPullbackNeedsAreKeptUntilItHasRun() {
    let leaf = Variable(Tensor<Float>(shape, repeating: 1), requiresGradient: true)
    let before = BufferPool.process.statistics.bytesInUse
    var value = leaf
    for _ in 0..<4 { value = .apply(Exponential(), [.apply(Negate(), [value])]) }
    // Each exponential's pullback is its value times the gradient.
    #expect(BufferPool.process.statistics.bytesInUse - before > 3 * bytes)
    let sum = Variable.apply(Sum(), [value])
    value = leaf
    sum.backward()
    #expect(BufferPool.process.statistics.bytesInUse - before < 3 * bytes)
    #expect(leaf.gradient != nil)
  }
}
