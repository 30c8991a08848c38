import Tensors

@main
struct Cleave {
  static func main() {
    print(ThreadPool.current.threadCount)
  }
}
