public import Training

/// Every method a recipe can name.
public enum MethodRegistry {
  /// The methods, one line each.
  public static var methods: [any Method.Type] {
    [
      BottleFit.self,
      ChannelReduction.self,
      EarlyExit.self,
      EndToEnd.self,
      EntropicStudent.self,
      FactorizedPriorCompression.self,
      Ladon.self,
      LanguageModel.self,
      MTLSplit.self,
      MeanScaleHyperprior.self,
      NASC.self,
      NaviSplit.self,
      NaviSplitGate.self,
      Navigator.self,
      SALT.self,
      SLICER.self,
      ScaleHyperprior.self,
      SemanticNN.self,
      Supervised.self,
    ]
  }
}
