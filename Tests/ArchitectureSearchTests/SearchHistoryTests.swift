import ArchitectureSearch
import Foundation
import Tensors
import Testing

@Suite struct SearchHistoryTests {
  private func record(
    _ choice: Choice, _ objective: Double, violation: Double = 0, step: Int = 1,
    origin: SearchOrigin = .search, figures: [String: Double] = [:]
  ) -> SearchRecord {
    SearchRecord(
      step: step,
      candidate: Candidate(
        choice: choice, objective: objective, violation: violation, figures: figures),
      seconds: 0.5, origin: origin)
  }

  @Test func theBestAndTheCountsFollowTheRecords() {
    var history = SearchHistory()
    #expect(history.best() == nil)
    #expect(history.feasibleShare(ofLast: 3) == nil)
    history.append(record([0], 9, violation: 0.5))
    #expect(history.best()?.choice == [0])
    history.append(record([1], 1))
    history.append(record([2], 1))
    #expect(history.best()?.choice == [1])
    history.append(record([3], 2, origin: .baseline))
    #expect(history.best()?.choice == [3])
    #expect(history.best(from: .search)?.choice == [1])
    #expect(history.best(from: .final) == nil)
    #expect(history.feasibleCount == 3)
    #expect(history.infeasibleCount == 1)
    #expect(history.feasibleShare(ofLast: 3) == 1)
    #expect(history.feasibleShare(ofLast: 10) == 0.75)
    #expect(history.feasibleShare(ofLast: 3, from: .search) == 2.0 / 3)
  }

  @Test func evaluationsAreFoundByPointAndOrigin() {
    let history = SearchHistory([
      record([0, 1], 1), record([0, 1], 5), record([1, 1], 2, origin: .baseline),
    ])
    #expect(history.evaluation(of: [0, 1], from: .search)?.objective == 1)
    #expect(history.evaluation(of: [0, 1], from: .baseline) == nil)
    #expect(history.evaluation(of: [1, 1], from: .baseline)?.objective == 2)
    #expect(history.evaluation(of: [1, 0], from: .search) == nil)
    #expect(history.pointCount(from: .search) == 1)
  }

  @Test func theShortlistHasEveryPointOnceTheBestFirst() {
    let history = SearchHistory([
      record([0], 9, violation: 0.1), record([1], 1), record([2], 3), record([1], 3),
      record([3], .nan), record([4], 8, origin: .baseline), record([2], 2),
    ])
    let list = history.shortlist(10, from: .search)
    #expect(list.map(\.choice) == [[2], [1], [3], [0]])
    #expect(list.map(\.objective).prefix(2) == [3, 3])
    #expect(history.shortlist(2, from: .search).map(\.choice) == [[2], [1]])
    #expect(history.shortlist(3, from: .final).isEmpty)
  }

  @Test func stepsAfterACheckpointAreForgotten() {
    var history = SearchHistory([
      record([0], 1, step: 1), record([1], 9, step: 2), record([2], 3, step: 7, origin: .baseline),
    ])
    history.removeSearch(after: 1)
    #expect(history.records.map(\.choice) == [[0], [2]])
    #expect(history.best()?.choice == [2])
    #expect(history.evaluation(of: [1], from: .search) == nil)
  }

  @Test func aRecordIsALineOfJSON() throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let line = record(
      [1, 0], .nan, violation: 0.25, step: 3, origin: .final,
      figures: ["latency_ms": 2.5, "worst": -.infinity])
    let text = String(decoding: try encoder.encode(line), as: UTF8.self)
    #expect(
      text == """
        {"choice":[1,0],"figures":{"latency_ms":2.5,"worst":"-inf"},"objective":"nan",\
        "origin":"final","seconds":0.5,"step":3,"violation":0.25}
        """)
    let read = try coded(line)
    #expect(read.objective.isNaN)
    #expect(read.figures == line.figures)
    #expect(read.violation == 0.25)
    #expect(read.origin == .final)
    let history = SearchHistory([
      record([0], 0.1 + 0.2), record([1], .infinity, violation: .infinity),
    ])
    #expect(try coded(history) == history)
  }

  @Test(arguments: [
    #"{"step":1,"choice":[0],"objective":"two","violation":0,"seconds":1,"origin":"search"}"#,
    #"{"step":1,"choice":[0],"objective":2,"violation":-1,"seconds":1,"origin":"search"}"#,
    #"{"step":1,"choice":[0],"objective":2,"violation":0,"seconds":1,"origin":"elsewhere"}"#,
    #"""
    {"step":1,"choice":[0],"objective":2,"violation":0,"seconds":1,"origin":"final",
    "figures":{"objective":3}}
    """#,
  ])
  func aRecordThatCannotBeIsRefused(text: String) {
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(SearchRecord.self, from: Data(text.utf8))
    }
  }

  @Test(arguments: 0..<8)
  func theParetoFrontIsThatOfComparingAll(seed: Int) {
    var random = RandomSource(seed: UInt64(seed))
    var history = SearchHistory()
    for index in 0..<120 {
      // Few values, so that many records agree in one figure or in both.
      let grain = Double(3 + seed * 4)
      var figures = ["latency_ms": (random.uniform() * grain).rounded()]
      if index % 17 == 0 { figures["latency_ms"] = index % 2 == 0 ? nil : .nan }
      history.append(
        record(
          [index], (random.uniform() * grain).rounded(),
          violation: random.uniform() < 0.3 ? 0.5 : 0, figures: figures))
    }
    for feasibleOnly in [false, true] {
      let eligible = history.records.filter {
        $0.figures["latency_ms"].map { !$0.isNaN } == true
          && (!feasibleOnly || $0.candidate.isFeasible)
      }
      func latency(_ record: SearchRecord) -> Double { record.figures["latency_ms"] ?? .nan }
      let expected = eligible.filter { record in
        !eligible.contains { other in
          let asGood =
            latency(other) <= latency(record) && other.objective >= record.objective
          let better = latency(other) < latency(record) || other.objective > record.objective
          let earlierTwin = !better && other.choice[0] < record.choice[0]
          return asGood && (better || earlierTwin)
        }
      }.sorted { latency($0) < latency($1) }
      let front = history.paretoFront(
        minimizing: "latency_ms", maximizing: "objective", feasibleOnly: feasibleOnly)
      #expect(front == expected)
      #expect(!front.isEmpty)
    }
    #expect(
      history.paretoFront(minimizing: "no_such", maximizing: "objective").isEmpty)
  }
}
