internal import Autodiff
internal import Tensors

/// The mean cross-entropy of logits `[batch, classes]`, in nats.
func meanCrossEntropy(_ logits: Tensor<Float>, _ labels: [Int32]) -> Double {
  Double(
    Variable.apply(CrossEntropy(labels: labels), [Variable(logits)]).value.item)
}
