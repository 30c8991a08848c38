internal import Training

/// Features of a data set's images, computed when they are first needed.
final class CachedFeatures {
  private var cached: FeatureStore?

  func store(_ make: () throws -> FeatureStore) rethrows -> FeatureStore {
    if let cached { return cached }
    let made = try make()
    cached = made
    return made
  }
}
