#if GRPC
  import Checkpoints
  import Foundation
  import Networks
  import RemoteTails
  import Serving
  import Splitting
  import Tensors
  import Terminal

  extension Serve {
    /// Serves until somebody asks for an end.
    func serve() throws {
      let checkpoint = try source.read(tail)
      let (host, port) = try address()
      let limits = limits.limits
      let service = TailService(
        try LocalTail(ClassAnswers(of: checkpoint.network, outputs.choice)), limits: limits,
        batching: TailService.Batching(mostLatents: computing.together, delay: computing.wait),
        cost: computing.tellCost ? checkpoint.network.cost : nil, threads: computing.threads.pool
      ) { Serve.print($0) }

      var options = TailServer.Options()
      options.host = host
      options.port = port
      options.certificate = clients.certificate
      options.key = clients.key
      options.clientAuthority = clients.clientAuthority
      options.connections = self.limits.connections
      if let path = clients.tokens { options.tokens = try ClientTokens(contentsOf: path) }
      TailServer.allowConnections(options.connections)
      let server = try TailServer(service, options)

      Interruption.watch()
      Interruption.savesFirst()
      var nextCounters = ContinuousClock.now + .seconds(computing.counters.seconds)
      try server.serve { port in
        let scheme = clients.certificate == nil ? "grpc" : "grpcs"
        Serve.print(
          ServiceEvent("listening", message: "\(tail) at \(scheme)://\(host):\(port)"))
        if clients.tokens == nil, clients.clientAuthority == nil, !host.hasPrefix("127."),
          host != "::1"
        {
          Diagnostic(
            .warning, "anybody who reaches \(host) is answered; --tokens names who is"
          ).write(to: FileSink.standardError)
        }
      } until: {
        if computing.counters > .zero, .now >= nextCounters {
          nextCounters = .now + .seconds(computing.counters.seconds)
          Serve.print(ServiceEvent("counters", counters: service.counters))
        }
        if Interruption.isRequested {
          Serve.print(ServiceEvent("closing", message: "answering what is under way"))
          return true
        }
        return false
      }
      Serve.print(ServiceEvent("closed", counters: service.counters))
    }

    private static func print(_ event: ServiceEvent) {
      FileSink.standardOutput.write(event.line + "\n")
    }
  }
#endif
