import Foundation
import Testing
import Training

@Suite struct EarlyStoppingTests {
  /// Each list with the epoch, counted from 1, after which training ends; nil for never.
  @Test(arguments: [
    // Best in epoch 2, then two epochs without an improvement.
    (EarlyStopping(patience: 2), [0.5, 0.6, 0.6, 0.55, 0.7], 4),
    (EarlyStopping(patience: 3), [0.5, 0.6, 0.6, 0.55, 0.7], nil),
    // 0.605 is not better than 0.6 by more than 0.01, 0.62 is.
    (EarlyStopping(patience: 2, minimumDelta: 0.01), [0.6, 0.605, 0.62, 0.6, 0.61], 5),
    (EarlyStopping(patience: 1, mode: .minimum), [0.6, 0.5, 0.4, 0.45], 4),
    (EarlyStopping(patience: 2), [Double.nan, 0.5, .nan, .infinity], 4),
    (EarlyStopping(patience: 1), [.nan], 1),
  ])
  func trainingEndsWhenPatienceDoes(stopping: EarlyStopping, metrics: [Double], end: Int?) throws {
    var state = EarlyStopping.State()
    var ended: Int?
    for (index, metric) in metrics.enumerated() where ended == nil {
      // Through a checkpoint and back after every epoch.
      state = try JSONDecoder().decode(
        EarlyStopping.State.self, from: JSONEncoder().encode(state))
      if stopping.observe(metric, naturalMode: .maximum, state: &state) { ended = index + 1 }
    }
    #expect(ended == end)
  }

  @Test func theBestValueIsKnown() {
    var state = EarlyStopping.State()
    let stopping = EarlyStopping(patience: 5)
    for metric in [0.3, 0.7, 0.6] {
      _ = stopping.observe(metric, naturalMode: .maximum, state: &state)
    }
    #expect(state.best == 0.7)
    #expect(state.epochsWithoutImprovement == 1)
  }
}
