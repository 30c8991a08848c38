import Datasets
import Tensors
import Testing

/// Tables of labels as programs write them.
@Suite struct DelimitedTableTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    for name in ["a.png", "b, c.png", "sub/d.png"] {
      let image = PixelImage(height: 1, width: 1, channels: 1, bytes: [1])
      try ImageFile.write(image, to: folder.file(name))
    }
  }

  private func read(_ table: String) throws -> ImageDataset {
    try folder.write(Array(table.utf8), "labels.csv")
    return try ImageFolder.dataset(name: "table", folder: folder.path)
  }

  @Test(arguments: [
    "file,label\na.png,cat\n\"b, c.png\",dog\nsub/d.png,cat\n",
    "\u{FEFF}file,label\r\na.png,cat\r\n\"b, c.png\",dog\r\nsub/d.png,cat",
    "file;label\na.png;cat\nb, c.png;dog\n\nsub/d.png;cat\n",
    "sep=;\nFile;Label\n./a.png;cat\nb, c.png;dog\nsub//d.png;cat\n",
    "file\tlabel\ra.png\tcat\rb, c.png\tdog\rsub/d.png\tcat\r",
    "\"file\",\"label\"\n\"a.png\" , \"cat\"\n\"b, c.png\",dog\nsub\\d.png, cat \n",
    "note,label,file\n\"two\nlines\",cat,a.png\n\"a \"\"quoted\"\" one\",dog,\"b, c.png\"\n,cat,sub/d.png",
  ])
  func everyWayOfWritingATableIsRead(table: String) throws {
    let dataset = try read(table)
    #expect(dataset.classNames == ["cat", "dog"])
    #expect(dataset.labels == [0, 1, 0])
    #expect(dataset.remarks.isEmpty)
  }

  @Test func textOfSixteenBitsIsRead() throws {
    let table = "\u{FEFF}file\tlabel\r\na.png\tcat\r\n"
    try folder.write(
      table.utf16.flatMap { [UInt8($0 & 0xff), UInt8($0 >> 8)] }, "labels.csv")
    #expect(
      try ImageFolder.dataset(name: "table", folder: folder.path).classNames == ["cat"])
  }

  @Test(arguments: [
    ("file,label\na.png,cat\na.png\n", "line 3: expected 2 columns, found 1"),
    ("file,label\n\"a.png,cat\n", "line 2: expected a quote that ends"),
    ("name,label\na.png,cat\n", "header: expected file,label, found name,label"),
    ("file,label\nnone.png,cat\n", "labels.csv:2 lists it; `data.unreadable: skip` leaves"),
  ])
  func whatIsWrongIsNamed(table: String, message: String) throws {
    let error = #expect(throws: DatasetError.self) { try read(table) }
    #expect("\(try #require(error))".contains(message), "\(error.map { "\($0)" } ?? "")")
  }

  @Test func imagesThatATableDoesNotListAreCounted() throws {
    let remarks = try read("file,label\na.png,cat\n").remarks
    #expect(
      remarks == [
        "\(folder.path): images left out, as labels.csv does not list them: 2 "
          + "(b, c.png, sub/d.png)"
      ])
  }
}
