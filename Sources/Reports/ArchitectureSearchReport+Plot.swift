internal import Foundation
public import Plots
internal import Splitting
public import Training

extension ArchitectureSearchReport {
  /// Accuracy against latency of what was evaluated on the validation images, with shared weights.
  public var paretoPlot: CurvePlot {
    func samples(_ points: [Point]) -> [CurvePlot.Sample] {
      points.sorted { $0.latency < $1.latency }.map { point in
        CurvePlot.Sample(
          x: point.latency.milliseconds, y: 100 * point.accuracy,
          label:
            "\(point.latency), \(String(format: "%.2f", 100 * point.accuracy)) %")
      }
    }
    let front = candidates.filter(\.isOnFront)
    var curves = [
      CurvePlot.Curve(
        name: "in the search, one batch", samples: samples(latest), isJoined: false),
      CurvePlot.Curve(
        name: "compared at the end", samples: samples(candidates.filter { !$0.isOnFront }),
        isJoined: false),
      CurvePlot.Curve(name: "not beaten in both", samples: samples(front)),
    ]
    for (name, architecture) in [("found", found)] + (optimum.map { [("best of all", $0)] } ?? []) {
      guard let accuracy = architecture.sharedAccuracy else { continue }
      curves.append(
        CurvePlot.Curve(
          name: name,
          samples: samples([
            Point(latency: architecture.total, accuracy: accuracy, isOnFront: false)
          ])))
    }
    let title = limited == "device" ? "time of the whole network on the device" : "latency"
    return CurvePlot(
      title: "Candidates on validation images, limit \(limit)",
      horizontal: Axis("\(title), ms", format: Axis.number),
      vertical: .percent("accuracy with shared weights"), curves: curves)
  }
}
