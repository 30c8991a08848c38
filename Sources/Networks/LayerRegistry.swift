/// Every kind of layer a network can hold; a file names them by their kind.
public enum LayerRegistry {
  /// The layer types, one line each.
  public static let types: [any Layer.Type] = [
    AbsoluteLayer.self,
    ActivationLayer.self,
    AddLayer.self,
    AveragePoolLayer.self,
    BatchNormalizationLayer.self,
    BoxDecodeLayer.self,
    CausalAttentionLayer.self,
    ChannelScaleShiftLayer.self,
    ConcatenateLayer.self,
    ConvolutionLayer.self,
    DropoutLayer.self,
    ELULayer.self,
    EmbeddingLayer.self,
    EntropyBottleneckLayer.self,
    FlattenLayer.self,
    GDNLayer.self,
    GaussianConditionalLayer.self,
    GlobalAveragePoolLayer.self,
    GroupNormalizationLayer.self,
    IdentityLayer.self,
    LayerNormalizationLayer.self,
    LeakyReLULayer.self,
    LinearLayer.self,
    LogarithmLayer.self,
    MaxPoolLayer.self,
    MultiplyLayer.self,
    PReLULayer.self,
    PadLayer.self,
    PowerNormalizationLayer.self,
    ProposalLayer.self,
    RegionAlignLayer.self,
    ReshapeLayer.self,
    ResizeLayer.self,
    ScaleShiftLayer.self,
    SliceLayer.self,
    SoftQuantizerLayer.self,
    SoftmaxLayer.self,
    SparseConvolutionLayer.self,
    SparseLinearLayer.self,
    StandardizeLayer.self,
    TransposeLayer.self,
    TransposedConvolutionLayer.self,
    WindowAttentionLayer.self,
  ]

  /// The layer type of a kind.
  static func type(ofKind kind: String) -> (any Layer.Type)? {
    types.first { $0.kind == kind }
  }
}
