import Tensors
import Testing

/// Sparse products against their definition.
@Suite struct SparseProductTests {
  /// A pattern with outputs of every number of inputs, none among them.
  private static func pattern(inputs: Int, outputs: Int, seed: UInt64 = 1) -> SparsePattern {
    var random = RandomSource(seed: seed)
    return SparsePattern(
      inputCount: inputs,
      inputsOfOutputs: (0..<outputs).map { output in
        Array(random.permutation(inputs).prefix(output % (inputs + 1)))
      })
  }

  /// Samples: one, fewer than a tile, between two tiles, several of each length.
  @Test(arguments: [1, 2, 16, 17, 33, 64, 65, 150], [(5, 9), (37, 21), (1030, 12)])
  func productsAndGradientsFollowTheDefinition(samples: Int, sizes: (inputs: Int, outputs: Int))
    throws
  {
    let (inputs, outputs) = sizes
    let pattern = SparseProductTests.pattern(inputs: inputs, outputs: outputs)
    var random = RandomSource(seed: 7)
    let input: Tensor<Float> = random.normal([samples, inputs])
    let weight: Tensor<Float> = random.normal([pattern.entryCount])
    let bias: Tensor<Float> = random.normal([outputs])
    let upstream: Tensor<Float> = random.normal([samples, outputs])
    let matrix = pattern.dense(weight).scalars
    let (x, b, g) = (input.scalars, bias.scalars, upstream.scalars)
    let tile = SparsePattern.tile(features: max(inputs, outputs), samples: samples)
    let tiled = TiledSamples(input, features: inputs, tile: tile)
    let tiledBack = TiledSamples(upstream, features: outputs, tile: tile)

    let product = pattern.product(tiled, weight).samples(adding: bias).scalars
    let inputGradient = pattern.product(tiledBack, weight, isTransposed: true).samples().scalars
    let weightGradient = pattern.weightGradient(input: tiled, upstream: tiledBack)
    let denseGradient = pattern.dense(weightGradient).scalars
    let entries = pattern.dense(Tensor([pattern.entryCount], repeating: Float(1))).scalars
    let bound = 1e-5 * Double(max(inputs, outputs, samples)).squareRoot()
    for sample in 0..<samples {
      for output in 0..<outputs {
        let expected = (0..<inputs).reduce(Double(b[output])) {
          $0 + Double(x[sample * inputs + $1]) * Double(matrix[$1 * outputs + output])
        }
        #expect(abs(Double(product[sample * outputs + output]) - expected) < bound)
      }
      for input in 0..<inputs {
        let expected = (0..<outputs).reduce(0.0) {
          $0 + Double(g[sample * outputs + $1]) * Double(matrix[input * outputs + $1])
        }
        #expect(abs(Double(inputGradient[sample * inputs + input]) - expected) < bound)
      }
    }
    for input in 0..<inputs {
      for output in 0..<outputs {
        let isThere = entries[input * outputs + output] == 1
        let expected = (0..<samples).reduce(0.0) {
          $0 + Double(x[$1 * inputs + input]) * Double(g[$1 * outputs + output])
        }
        let found = Double(denseGradient[input * outputs + output])
        #expect(abs(found - (isThere ? expected : 0)) < bound)
      }
    }
    if samples == 1 {
      let alone = pattern.vectorProduct(input, weight, bias: bias).scalars
      for (one, other) in zip(alone, product) { #expect(abs(one - other) < Float(bound)) }
    }
  }

  @Test(arguments: [1, 40, 200]) func threadsDoNotChangeProducts(samples: Int) {
    let pattern = SparseProductTests.pattern(inputs: 90, outputs: 70)
    var random = RandomSource(seed: 2)
    let input: Tensor<Float> = random.normal([samples, 90])
    let weight: Tensor<Float> = random.normal([pattern.entryCount])
    let back: Tensor<Float> = random.normal([samples, 70])
    func results(_ threads: Int) -> [Tensor<Float>] {
      ThreadPool.$current.withValue(ThreadPool(threadCount: threads)) {
        let tiled = TiledSamples(input, features: 90, tile: 32)
        let tiledBack = TiledSamples(back, features: 70, tile: 32)
        return [
          pattern.product(tiled, weight).samples(),
          pattern.weightGradient(input: tiled, upstream: tiledBack),
          pattern.product(tiledBack, weight, isTransposed: true).samples(),
          pattern.vectorProduct(input.rows(0..<1), weight, bias: nil),
        ]
      }
    }
    #expect(results(1) == results(2))
    #expect(results(1) == results(3))
  }

  @Test func degreesAreThoseOfTheEntries() {
    let pattern = SparsePattern(inputCount: 3, inputsOfOutputs: [[2, 0], [], [2]])
    #expect(pattern.inDegrees == [2, 0, 1])
    #expect(pattern.outDegrees == [1, 0, 2])
    #expect(pattern.inputs(of: 0) == [0, 2])
    #expect(pattern.entryCount == 3)
  }
}
