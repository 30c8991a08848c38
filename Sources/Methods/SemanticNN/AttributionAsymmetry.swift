internal import Tensors

/// The asymmetry of the attributions of a quantised latent: few of its values speak for the right class.
///
/// Attributions are two-point integrated gradients `A = ½ (∇ℓ(0) + ∇ℓ(f)) ⊙ f` of each sample, where f is
/// the latent that the decoder is given and ℓ the loss through decoder and tail. The penalty is `n / #{A >
/// 0} + 1 / ΣA₊`, of whose terms only the second has a gradient, for which ∇ℓ is a constant. Source:
/// SemanticNN, https://arxiv.org/abs/2511.11038.
struct AttributionAsymmetry {
  /// The mean penalty over the batch.
  let penalty: Double
  /// Its gradient for the latents, of their shape.
  let gradient: Tensor<Float>

  /// Below this sum of attributions its inverse says nothing.
  private static let leastSum: Float = 1e-4

  /// Measures a batch.
  ///
  /// - Parameters:
  ///   - latents: f, `[batch]` and the latent's shape.
  ///   - gradients: of the mean loss over the batch at f and at zero, of the same shape.
  init(of latents: Tensor<Float>, gradients: (own: Tensor<Float>, atZero: Tensor<Float>)) {
    let count = latents.shape[0]
    let length = latents.count / max(count, 1)
    var penalty = 0.0
    gradient = latents.withUnsafeBufferPointer { f in
      gradients.own.withUnsafeBufferPointer { own in
        gradients.atZero.withUnsafeBufferPointer { zero in
          Tensor<Float>(latents.shape) { target in
            for row in 0..<count {
              let range = row * length..<(row + 1) * length
              var sum: Float = 0
              var positive = 0
              for index in range {
                // The loss is a mean over the batch.
                let slope = 0.5 * Float(count) * (zero[index] + own[index])
                let attribution = slope * f[index]
                if attribution > 0 {
                  sum += attribution
                  positive += 1
                }
                target.initializeElement(at: index, to: attribution > 0 ? slope : 0)
              }
              guard positive > 0, sum > AttributionAsymmetry.leastSum else {
                for index in range { target[index] = 0 }
                continue
              }
              penalty += (Double(length) / Double(positive) + 1 / Double(sum)) / Double(count)
              let factor = -1 / (sum * sum * Float(count))
              for index in range { target[index] *= factor }
            }
          }
        }
      }
    }
    self.penalty = penalty
  }
}
