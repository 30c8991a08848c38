public import Training

/// Every method a recipe can name.
public enum MethodRegistry {
  /// The methods, one line each.
  public static var methods: [any Method.Type] {
    [
      BottleFit.self,
      ChannelReduction.self,
      EndToEnd.self,
      EntropicStudent.self,
      LanguageModel.self,
      SALT.self,
      SLICER.self,
      Supervised.self,
    ]
  }
}
