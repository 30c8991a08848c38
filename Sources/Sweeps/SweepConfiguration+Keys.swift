package import Configurations

extension SweepConfiguration: DescribedNode {
  package static let summary = "A file for `cleave sweep`: a recipe with many settings and seeds."

  package static func describe(_ key: CodingKeys) -> KeyDescription<SweepConfiguration> {
    switch key {
    case .recipe: .init("The file of the recipe.")
    case .action: .init(\.action, "What is done with each recipe.")
    case .seeds: .init(\.seeds, "The seeds; every setting is run with each.")
    case .settings: .init(absent: "nothing", "What all runs change: key paths and their values.")
    case .variants: .init(\.variants, "The changes that are set against each other.")
    case .grid:
      .init(
        absent: "nothing",
        "Key paths and the values they take, all with all, in every variant: lists, or mappings "
          + "from names to values.")
    case .controls: .init(\.controls, "Rows of other figures that the runs of a variant report.")
    case .baseline: .init(absent: "none", "The variant that others are compared with.")
    case .measures: .init("What is read from the runs' reports.")
    case .across:
      .init(
        absent: "a row for each",
        "The key of the grid whose values stand beside each other in tables.")
    case .pictures: .init(\.pictures, "The plots.")
    case .output: .init(absent: "runs/ and the file's name", "The folder of the runs.")
    }
  }
}

extension SweepConfiguration.Variant: DescribedNode {
  package static let summary = "A named change of the recipe."

  package static func describe(_ key: CodingKeys) -> KeyDescription<SweepConfiguration.Variant> {
    switch key {
    case .name: .init("The name, part of its runs' folders.")
    case .label: .init(absent: "as name", "The name in tables.")
    case .seeds: .init(absent: "all of the sweep's", "Which of the sweep's seeds it is run with.")
    case .settings: .init(absent: "nothing", "What it changes: key paths and their values.")
    }
  }
}

extension SweepConfiguration.Control: DescribedNode {
  package static let summary = "A row that reads something else from a variant's reports."

  package static func describe(_ key: CodingKeys) -> KeyDescription<SweepConfiguration.Control> {
    switch key {
    case .label: .init("The name in tables.")
    case .variant: .init(absent: "there are no variants", "The variant whose runs report it.")
    case .place: .init("The beginning of the measures' paths that is replaced.")
    case .replacement: .init("What it is replaced by.")
    }
  }
}

extension SweepConfiguration.Picture: DescribedNode {
  package static let summary = "A plot of the result."

  package static func describe(_ key: CodingKeys) -> KeyDescription<SweepConfiguration.Picture> {
    switch key {
    case .horizontal: .init("The name of a measure, or a key path of the grid, from left to right.")
    case .vertical: .init("The name of a measure, from bottom to top.")
    case .isLogarithmic: .init(\.isLogarithmic, "Whether the horizontal axis is logarithmic.")
    }
  }
}

extension SweepMeasure: DescribedNode {
  package static let summary =
    "A figure that is read from every report: its path alone, or these keys."

  package static func describe(_ key: CodingKeys) -> KeyDescription<SweepMeasure> {
    switch key {
    case .path: .init("The way to the figure, such as 'points[rate=0.01].accuracy'.")
    case .name: .init(absent: "the end of the path", "The name in tables.")
    case .unit:
      .init(
        absent: "none",
        "The unit it is shown in; '%' multiplies by 100, a time is converted to the unit.")
    case .places: .init(absent: "2, or 0 for whole numbers", "The digits after the decimal point.")
    }
  }
}
