public import Checkpoints
public import Codecs

extension Checkpoint {
  private static let tablesPrefix = "codec_tables."
  private static let factorizedPrefix = "factorized_tables."

  /// Keeps a codec's calibrated tables with the network, in place of those that were there.
  public mutating func setCodecTables(_ tables: CodecTables) {
    files = files.filter {
      !$0.key.hasPrefix(Checkpoint.tablesPrefix) && !$0.key.hasPrefix(Checkpoint.factorizedPrefix)
    }
    for (number, table) in tables.byNumber {
      files["\(Checkpoint.tablesPrefix)\(number)"] = table.bytes
    }
    for (number, table) in tables.factorized {
      files["\(Checkpoint.factorizedPrefix)\(number)"] = table.bytes
    }
  }

  /// The calibrated tables kept with the network.
  ///
  /// - Throws: `CodecError` if bytes that should be tables are none; the checkpoint's own checksums
  ///   were held to when it was read.
  public func codecTables() throws(CodecError) -> CodecTables {
    var tables = CodecTables()
    for (name, bytes) in files {
      if let number = try Checkpoint.number(name, after: Checkpoint.tablesPrefix) {
        tables.byNumber[number] = try ContextTables(bytes)
      } else if let number = try Checkpoint.number(name, after: Checkpoint.factorizedPrefix) {
        tables.factorized[number] = try FactorizedTables(bytes)
      }
    }
    return tables
  }

  /// The number that a name ends in, if it begins as those of a kind of tables do.
  private static func number(
    _ name: String, after prefix: String
  ) throws(CodecError) -> Int? {
    guard name.hasPrefix(prefix) else { return nil }
    guard let number = Int(name.dropFirst(prefix.count)), number >= 0 else {
      throw .damaged("'\(name)' does not end in the number of a table")
    }
    return number
  }
}
