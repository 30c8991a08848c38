package import Configurations

extension WorldOptions: DescribedNode {
  package static let summary =
    "What generated worlds are like, and the drone and its camera in them."

  package static func describe(_ key: CodingKeys) -> KeyDescription<WorldOptions> {
    switch key {
    case .extent:
      .init(\.extent, unit: "m", "The side of the world, a square with walls around it.")
    case .minimumDensity:
      .init(\.minimumDensity, unit: "per 100 m²", "The fewest obstacles.")
    case .maximumDensity: .init(\.maximumDensity, unit: "per 100 m²", "The most obstacles.")
    case .minimumSize:
      .init(\.minimumSize, unit: "m", "The smallest radius or half side of an obstacle.")
    case .maximumSize:
      .init(
        \.maximumSize, unit: "m",
        "The largest radius or half side of an obstacle; walls are up to three times as long.")
    case .minimumHeight: .init(\.minimumHeight, unit: "m", "The smallest height of an obstacle.")
    case .maximumHeight: .init(\.maximumHeight, unit: "m", "The largest height of an obstacle.")
    case .altitude:
      .init(\.altitude, unit: "m", "The height over the floor that the drone flies at.")
    case .droneRadius:
      .init(\.droneRadius, unit: "m", "The radius of the sphere that the drone fills.")
    case .startClearance:
      .init(
        \.startClearance, unit: "m",
        "The distance that obstacles keep from the place where the drone starts.")
    case .cameraWidth: .init(\.cameraWidth, unit: "pixels", "The columns of the camera's picture.")
    case .cameraHeight: .init(\.cameraHeight, unit: "pixels", "The rows of the camera's picture.")
    case .fieldOfViewDegrees:
      .init(\.fieldOfViewDegrees, unit: "degrees", "The camera's horizontal field of view.")
    case .farLimit:
      .init(\.farLimit, unit: "m", "The depth from which on normalised depth is 1.")
    }
  }
}
