/// How the losses of several tasks become one.
public enum TaskWeighting: String, Codable, CaseIterable, Sendable {
  /// Their sum, every weight 1: MTL-Split, https://arxiv.org/abs/2407.05982.
  case uniform
  /// Their sum with the weights the tasks give.
  case fixed
  /// Σ exp(−s) L + s/2, with a trained s = log σ² for each task: Kendall and others 2018,
  /// https://arxiv.org/abs/1705.07115, section 3.2.
  case uncertainty
}
