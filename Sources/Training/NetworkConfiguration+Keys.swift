package import Configurations
package import Networks
package import Tensors

extension NetworkConfiguration: DescribedNode {
  package static let summary =
    "The network: a checkpoint, an architecture, blocks, or a head and a tail."

  package static func describe(_ key: CodingKeys) -> KeyDescription<NetworkConfiguration> {
    switch key {
    case .checkpoint: .init(absent: "none", "The file of a trained network.")
    case .configuration:
      .init(
        absent: "as in the checkpoint",
        "The JSON description of a Keras checkpoint that holds weights only.")
    case .architecture:
      .init(
        absent: "none",
        "The name of an architecture: alone for a new network, with a checkpoint for a PyTorch one."
      )
    case .blocks: .init(absent: "none", "The blocks of a new network, in place of an architecture.")
    case .classes:
      .init(absent: "as many as the data have", "The length of the logits of a new network.")
    case .cut:
      .init(
        absent: "not cut",
        "The layer or module behind which the network is cut; `cleave inspect` lists the valid ones."
      )
    case .head: .init(absent: "none", "The file of a head alone, as `cleave split` writes it.")
    case .tail:
      .init(
        absent: "none",
        "The file of a tail alone, or the address of a server, such as 'grpc://host:port'.")
    case .input:
      .init(
        absent: "that of the checkpoint, else pixels as they are", "What pixels go through first.")
    case .sparsity:
      .init(absent: "all are dense", "Which layers become sparse before anything is trained.")
    case .initialize:
      .init(absent: "as the layers say", "The initial parameters of a new network.")
    case .adaptsSize:
      .init(
        absent: "false",
        "Whether the network of a checkpoint is to take images of the data set's size.")
    case .classNames:
      .init(
        absent: "the checkpoint's own",
        "The names of the classes, in the order of the network's outputs.")
    case .inputShape:
      .init(
        absent: "that of the data", unit: "height, width, channels",
        "The images that a PyTorch checkpoint was trained on, or that go into a Keras one that takes "
          + "any.")
    case .outputs:
      .init(
        absent: "recognized",
        "Which output of a checkpoint is measured, and what its numbers mean.")
    case .tailAccess: .init(absent: "its defaults", "How the server of a tail is asked.")
    }
  }
}

extension InputTransform: DescribedNode {
  package static let summary = "What pixels from 0 to 255 go through: (x / scale − mean) / std."

  package static func describe(_ key: CodingKeys) -> KeyDescription<InputTransform> {
    switch key {
    case .scale: .init(\.scale, "What pixels are divided by first.")
    case .mean: .init(\.mean, "What is subtracted then: one number, or one for each channel.")
    case .std:
      .init(\.std, "What the difference is divided by: one number, or one for each channel.")
    }
  }
}

extension OutputChoice: DescribedNode {
  package static let summary = "The output that answers, and the meaning of its numbers."

  package static func describe(_ key: CodingKeys) -> KeyDescription<OutputChoice> {
    switch key {
    case .measured:
      .init(
        absent: "the first of as many values as there are classes, else the first",
        "The name of the output.")
    case .meaning: .init(absent: "recognized by the layers", "The meaning of its numbers.")
    }
  }
}

extension Shape: DescribedValue {
  package static let words = "list of integers"
}

extension ParameterBeginning: DescribedNode {
  package static let summary = "The initial parameters of linear and convolutional layers."

  package static func describe(_ key: CodingKeys) -> KeyDescription<ParameterBeginning> {
    switch key {
    case .weights: .init(absent: "as the layer says", "The distribution of weights.")
    case .biases: .init(absent: "as the layer says", "The value of all biases.")
    }
  }
}
