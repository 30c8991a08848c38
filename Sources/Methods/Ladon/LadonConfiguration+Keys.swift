package import Configurations

extension LadonConfiguration: DescribedNode {
  package static let summary = "Several tasks behind one bottleneck."

  package static var parts: [any DescribedNode.Type] { [BottleneckConfiguration.self] }

  package static func describe(_ key: CodingKeys) -> KeyDescription<LadonConfiguration> {
    switch key {
    case .tasks: .init("The tasks.")
    case .only:
      .init(absent: "all", "The names of the tasks that are trained, the others left out.")
    case .body:
      .init(
        \.body, "Whether the layers after the bottleneck stay as they are or learn from all tasks.")
    case .weighting: .init(\.weighting, "How the losses of the tasks become one.")
    case .student:
      .init(
        absent: "a new bottleneck",
        "A checkpoint of an earlier run, whose bottleneck and body this one begins with.")
    }
  }
}
