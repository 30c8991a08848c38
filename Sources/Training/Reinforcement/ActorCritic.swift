internal import Autodiff
public import Networks
internal import Tensors

/// An actor and two critics as one network: from an observation to an action, and from both to what
/// they are worth.
public enum ActorCritic {
  /// The value that holds the actor's action, each number from −1 to 1.
  public static let action = "actor.action"
  /// The values that hold what the critics say.
  public static let values = ["critic1.value", "critic2.value"]

  /// Perceptrons with ReLUs between their layers.
  ///
  /// - Throws: `NetworkError` if the lengths do not fit.
  public static func network(
    observationLength: Int, actionLength: Int, hidden: [Int], seed: UInt64
  ) throws(NetworkError) -> Network {
    var builder = NetworkBuilder(inputs: [
      Network.Input("observation", [observationLength]), Network.Input("action", [actionLength]),
    ])
    func perceptron(_ name: String, after input: String, _ inputs: Int, _ outputs: Int) -> String {
      var (value, length) = (input, inputs)
      for (index, width) in hidden.enumerated() {
        value = builder.add("\(name).fc\(index + 1)", LinearLayer(length, width), after: value)
        value = builder.add("\(name).relu\(index + 1)", ActivationLayer(.relu), after: value)
        length = width
      }
      return builder.add(
        "\(name).fc\(hidden.count + 1)", LinearLayer(length, outputs), after: value)
    }
    let raw = perceptron("actor", after: "observation", observationLength, actionLength)
    var outputs = [builder.add(action, ActivationLayer(.tanh), after: raw)]
    let both = builder.add("both", ConcatenateLayer(), inputs: ["observation", "action"])
    for value in values {
      let name = String(value.prefix { $0 != "." })
      let last = perceptron(name, after: both, observationLength + actionLength, 1)
      outputs.append(builder.add(value, IdentityLayer(), after: last))
    }
    var network = try builder.network(name: "actor_critic", outputs: outputs)
    network.initializeParameters(seed: seed)
    return network
  }

  /// The actor alone, from an observation to an action.
  ///
  /// - Throws: `NetworkError` if the network has no actor.
  public static func actor(of network: Network) throws(NetworkError) -> Network {
    let actor = try network.with(outputs: [action])
    return try Network(
      name: "actor", inputs: actor.inputs.filter { $0.name == "observation" }, nodes: actor.nodes,
      outputs: actor.outputs, parameters: actor.parameters)
  }

  /// The critics alone, from an observation and an action.
  ///
  /// - Throws: `NetworkError` if the network has no critics.
  static func critics(of network: Network) throws(NetworkError) -> Network {
    try network.with(outputs: values)
  }
}
