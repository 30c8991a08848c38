/// Remarks on figures with and without the noise of a link.
package enum NoiseNote {
  /// The remark in a report over a link with noise.
  package static let ofReport =
    "accuracies are with the noise and the losses of the link; bytes and times are those of whole messages"

  /// The remark where a run over such a link is measured without.
  ///
  /// - Parameter run: what the run is called.
  package static func without(_ run: String) -> String {
    "\(run): measured without the noise and the losses of its link, which the accuracies of its own report "
      + "are with"
  }
}
