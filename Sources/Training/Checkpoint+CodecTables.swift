public import Checkpoints
public import Codecs

extension Checkpoint {
  private static let tablesPrefix = "codec_tables."

  /// Keeps a codec's calibrated tables with the network, in place of those that were there.
  public mutating func setCodecTables(_ tables: CodecTables) {
    files = files.filter { !$0.key.hasPrefix(Checkpoint.tablesPrefix) }
    for (number, table) in tables.byNumber {
      files["\(Checkpoint.tablesPrefix)\(number)"] = table.bytes
    }
  }

  /// The calibrated tables kept with the network.
  ///
  /// - Throws: `CodecError` if bytes that should be tables are none; the checkpoint's own checksums
  ///   were held to when it was read.
  public func codecTables() throws(CodecError) -> CodecTables {
    var tables = CodecTables()
    for (name, bytes) in files where name.hasPrefix(Checkpoint.tablesPrefix) {
      guard let number = Int(name.dropFirst(Checkpoint.tablesPrefix.count)), number >= 0 else {
        throw .damaged("'\(name)' does not end in the number of a table")
      }
      tables.byNumber[number] = try CodecTables(bytes, number: number).byNumber[number]
    }
    return tables
  }
}
