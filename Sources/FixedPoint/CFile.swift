/// Writes a program as a C99 file.
struct CFile {
  private let program: FixedPointProgram
  private let name: String
  private let upper: String
  private let steps: [CStep]

  init(_ program: FixedPointProgram, _ name: String) {
    self.program = program
    self.name = name
    upper = name.uppercased()
    steps = program.steps.enumerated().map { index, step in
      step.operation.implementation.cStep(
        step.inputs.map { program.buffers[$0] }, program.buffers[index + 1])
    }
  }

  /// The whole file.
  var text: String {
    let parts =
      [overview, "#include <stddef.h>\n#include <stdint.h>", constants, declarations, arena]
      + structures + functions + tables + [encode, pack, main]
    return parts.joined(separator: "\n\n") + "\n"
  }

  // MARK: - The beginning

  private var overview: String {
    let (memory, buffers) = (program.memory, program.buffers)
    func row(_ cells: [String]) -> String {
      let widths = [-4, 30, -5, -6, 13, 5, -7, -6, -10]
      let text = zip(cells, widths).map { cell, width in
        let space = String(repeating: " ", count: max(0, abs(width) - cell.count))
        return width < 0 ? space + cell : cell + space
      }
      var line = " * " + text.joined(separator: " ")
      while line.last == " " { line.removeLast() }
      return line
    }
    var rows = [
      row(["step", "operation", "reads", "writes", "shape", "type", "bytes", "offset", "macs"]),
      row([
        "-", "the image", "-", "0", "\(buffers[0].shape)", "int8", "\(buffers[0].bytes)",
        memory.offset(ofBuffer: 0).map(String.init) ?? "", "-",
      ]),
    ]
    for (index, step) in program.steps.enumerated() {
      let result = buffers[index + 1]
      let operation = step.operation.implementation
      let macs = operation.multiplyAccumulates(result)
      rows.append(
        row([
          "\(index)", operation.summary, step.inputs.map(String.init).joined(separator: " "),
          "\(index + 1)", "\(result.shape)", result.element.c.replacingSuffix("_t", with: ""),
          "\(result.bytes)", memory.offset(ofBuffer: index + 1).map(String.init) ?? "-",
          macs == 0 ? "-" : "\(macs)",
        ]))
    }
    let scale = program.input.quantization.scale
    let zero = Int(program.input.quantization.zeroPoint)
    return """
      /*
       * \(name): the device's part of a split network, in integers only.
       *
       * An image of \(buffers[0].shape) bytes (height x width x channels, channels last) becomes
       * \(program.valueCount) indices of \(program.bitsPerIndex) bits, \(program.packedByteCount) \
      bytes. A byte stands for the number
       * \(scale) * (byte \(zero < 0 ? "+" : "-") \(abs(zero))).
       *
       * Constants: \(memory.flashBytes) bytes of flash, without instructions. RAM: \
      \(memory.arenaBytes) bytes of arena,
       * with the image, \(memory.thresholdBytes) of thresholds, and \
      \(buffers[program.steps.count].bytes) of the caller's indices. An image takes
       * \(memory.macs) multiply-accumulates.
       *
       * Buffers lie in the arena at their offsets and share its bytes when they are not in use at
       * the same time.
       *
      \(rows.joined(separator: "\n"))
       *
       * The result does not depend on the machine: no shift of a negative number, no overflow of a
       * signed one, and no floating point. Written by a program; do not edit.
       */
      """
  }

  private var constants: String {
    let shape = program.input.shape
    let quantization = program.input.quantization
    return """
      /* The extents of an image. */
      #define \(upper)_HEIGHT \(shape.height)
      #define \(upper)_WIDTH \(shape.width)
      #define \(upper)_CHANNELS \(shape.channels)
      /* What a byte of it stands for: scale * (byte - zero point). The scale is a text, since no
         floating point is needed here. */
      #define \(upper)_INPUT_SCALE "\(quantization.scale)"
      #define \(upper)_ZERO_POINT (\(quantization.zeroPoint))
      /* How many indices an image becomes, their number of bits, and the bytes of all. */
      #define \(upper)_VALUES \(program.valueCount)
      #define \(upper)_BITS \(program.bitsPerIndex)
      #define \(upper)_BYTES \(program.packedByteCount)
      """
  }

  private var declarations: String {
    """
    /* Where an image may be written to before \(name)_encode, which then needs no copy of it. */
    int8_t *\(name)_input(void);

    /* Computes the \(upper)_VALUES indices of an image of \(upper)_HEIGHT * \(upper)_WIDTH *
       \(upper)_CHANNELS bytes, which is copied unless it is \(name)_input(); its contents
       are lost then. Not to be called by two threads at once, since the arena is shared. */
    void \(name)_encode(const int8_t *image, uint8_t *indices);

    /* Packs \(upper)_VALUES indices into \(upper)_BYTES bytes, \(upper)_BITS bits each, the first
       in the lowest bits of the first byte. */
    void \(name)_pack(const uint8_t *indices, uint8_t *bytes);
    """
  }

  private var arena: String {
    let bytes = program.memory.arenaBytes
    return """
      /* All buffers. Each is written and read as one type only, that of its member. */
      static union {
        int8_t bytes[\(bytes)];
        int16_t halves[\(bytes / 2)];
      } arena;

      /* What find_nearest compares with. */
      static int32_t thresholds[\(program.memory.thresholdBytes / 4)];
      """
  }

  // MARK: - Steps

  private var structures: [String] {
    var known: Set<String> = []
    return steps.filter { known.insert($0.structure).inserted }.map { step in
      let fields = step.fields.map { "  int32_t \($0.name);\n" }.joined()
      return "struct \(step.structure) {\n\(fields)};"
    }
  }

  /// Each kernel that is used and before it the functions it calls, none twice.
  private var functions: [String] {
    var known: Set<String> = []
    return steps.flatMap { $0.helpers + [$0.kernel] }
      .filter { known.insert($0.name).inserted }.map(\.source)
  }

  private var tables: [String] {
    steps.enumerated().map { index, step in
      let fields = step.fields.map { ".\($0.name) = \($0.value)" }
      let title = program.steps[index].operation.implementation.summary
      var text = "/* Step \(index): \(title). */\n"
      text += "static const struct \(step.structure) step_\(index) = {\n"
      text += CFile.wrapped(fields) + "};"
      for table in step.tables {
        let array = "\(table.element.c) step_\(index)_\(table.name)[\(table.count)]"
        text += "\nstatic const \(array) = {\n"
        text += CFile.wrapped(table.numbers().map(table.element.literal)) + "};"
      }
      return text
    }
  }

  private var encode: String {
    let calls = steps.indices.map { index in
      let arguments =
        ["&step_\(index)"] + steps[index].tables.map { "step_\(index)_\($0.name)" }
        + program.steps[index].inputs.map(place(ofBuffer:)) + [place(ofBuffer: index + 1)]
        + (index == steps.count - 1 ? ["thresholds"] : [])
      return "  \(steps[index].kernel.name)(\n"
        + CFile.wrapped(arguments, indent: "      ", end: ");\n")
    }
    return """
      int8_t *\(name)_input(void) { return \(place(ofBuffer: 0)); }

      void \(name)_encode(const int8_t *image, uint8_t *indices) {
        int8_t *input = \(name)_input();
        if (image != input) {
          for (int32_t index = 0; index < \(program.input.shape.count); index++) {
            input[index] = image[index];
          }
        }
      \(calls.joined())}
      """
  }

  private func place(ofBuffer buffer: Int) -> String {
    guard let offset = program.memory.offset(ofBuffer: buffer) else { return "indices" }
    return program.buffers[buffer].element == .int16
      ? "arena.halves + \(offset / 2)" : "arena.bytes + \(offset)"
  }

  // MARK: - The end

  private var pack: String {
    """
    void \(name)_pack(const uint8_t *indices, uint8_t *bytes) {
      uint32_t bits = 0;
      int32_t held = 0;
      for (int32_t index = 0; index < \(upper)_VALUES; index++) {
        bits |= (uint32_t)indices[index] << held;
        held += \(upper)_BITS;
        if (held >= 8) {
          *bytes++ = (uint8_t)(bits & 255u);
          bits >>= 8;
          held -= 8;
        }
      }
      if (held > 0) *bytes = (uint8_t)(bits & 255u);
    }
    """
  }

  private var main: String {
    """
    #ifdef \(upper)_MAIN
    #include <stdio.h>

    /* Reads images from the standard input until its end and writes their packed indices. */
    int main(void) {
      static uint8_t indices[\(upper)_VALUES];
      static uint8_t bytes[\(upper)_BYTES];
      const size_t count = \(program.input.shape.count);
      size_t read;
      while ((read = fread(\(name)_input(), 1, count, stdin)) == count) {
        \(name)_encode(\(name)_input(), indices);
        \(name)_pack(indices, bytes);
        if (fwrite(bytes, 1, sizeof bytes, stdout) != sizeof bytes) return 1;
      }
      /* A part of an image is an error. */
      return read != 0 || ferror(stdin) || fflush(stdout) != 0;
    }
    #endif
    """
  }

  /// Items with commas between them in lines of at most 100 characters.
  private static func wrapped(
    _ items: [String], indent: String = "  ", end: String = "\n"
  ) -> String {
    var text = ""
    var line = indent
    for (index, item) in items.enumerated() {
      let piece = item + (index == items.count - 1 ? "" : ",")
      if line.utf8.count > indent.utf8.count, line.utf8.count + 1 + piece.utf8.count > 98 {
        text += line + "\n"
        line = indent
      }
      line += line.utf8.count > indent.utf8.count ? " " + piece : piece
    }
    return text + line + end
  }
}

extension String {
  fileprivate func replacingSuffix(_ suffix: String, with other: String) -> String {
    hasSuffix(suffix) ? dropLast(suffix.count) + other : self
  }
}
