/// A filter as the header of a dataset names it.
struct StoredFilter: Sendable {
  let number: Int
  let parameters: [Int]
}

/// Chunks of a dataset whose header and index were checked.
struct ChunkedDataset: Sendable {
  let layout: ChunkLayout
  /// Sorted by where they are in the dataset.
  let chunks: [StoredChunk]
  let filters: [StoredFilter]
}
