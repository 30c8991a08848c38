internal import CKernels

/// What the system's allocator does with memory that is given back.
public enum FreedMemory {
  /// Keeps it for its next use, for the rest of the process.
  ///
  /// Otherwise large blocks go back to the system at once, and their next use takes a page fault for every
  /// 4 KiB: messages of latents are such blocks, thousands of times in a minute.
  ///
  /// - Returns: whether the allocator can be told so.
  @discardableResult
  public static func keep() -> Bool { keep_freed_memory() != 0 }
}
