/// How much memory a device has for a program.
public struct DeviceBudget: Hashable, Sendable {
  /// Bytes for constants.
  public let flash: Int
  /// Bytes for buffers.
  public let ram: Int

  /// Creates a budget.
  ///
  /// - Parameters:
  ///   - flash: bytes for constants.
  ///   - ram: bytes for buffers.
  public init(flash: Int, ram: Int) {
    self.flash = flash
    self.ram = ram
  }

  /// A microcontroller with 1 MiB of flash and 256 KiB of RAM, such as an STM32.
  public static let stm32 = DeviceBudget(flash: 1 << 20, ram: 256 << 10)

  /// Checks that a program fits.
  ///
  /// - Throws: ``FixedPointError`` with all that exceeds the budget.
  public func check(_ program: FixedPointProgram) throws(FixedPointError) {
    let memory = program.memory
    let parts = [("flash", memory.flashBytes, flash), ("RAM", memory.ramBytes, ram)]
    let excesses = parts.filter { $0.1 > $0.2 }.map { name, needed, available in
      "\(needed) bytes of \(name), \(needed - available) more than the device's \(available)"
    }
    guard excesses.isEmpty else {
      throw .budget("the program needs \(excesses.joined(separator: " and "))")
    }
  }
}
