package import Configurations
internal import Networks
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

extension ParameterBeginning: DescribedNode {
  package static let summary = "The initial parameters of linear and convolutional layers."

  package static func describe(_ key: CodingKeys) -> KeyDescription<ParameterBeginning> {
    switch key {
    case .weights: .init(absent: "as the layer says", "The distribution of weights.")
    case .biases: .init(absent: "as the layer says", "The value of all biases.")
    }
  }
}
