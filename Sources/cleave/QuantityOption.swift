import ArgumentParser
import Splitting

/// Reads a quantity that is given to an option.
func quantity<Value: Quantity>(_ text: String, _ option: String) throws -> Value {
  do throws(QuantityError) { return try Value(parsing: text) } catch {
    throw ValidationError("\(option): \(error)")
  }
}
