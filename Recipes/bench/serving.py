#!/usr/bin/env python3
"""A served tail on this machine: against a local one, killed again and again, under load, and attacked.

    swift build -c release --traits GRPC
    python3 -m venv .build/serving-python && .build/serving-python/bin/pip install grpcio
    .build/serving-python/bin/python Recipes/bench/serving.py

`loopback` trains SALT against a tail in the process and behind gRPC, in turn, and compares losses and
times of an epoch. `restarts` kills the server with SIGKILL while a run asks it, starts it again, and
compares the losses with those of a run that nothing happened to. `load` asks a tail of convolutions and one
of dense layers for logits with 1, 8 and 64 clients, computed together and one by one. `hostile` sends what
no client of ours would, through gRPC's own library for Python and through bare connections, while a
well-behaved client goes on; it shows the status of each refusal, the memory of the server and what the
other client got.

Everything is sent to this machine. Only `hostile` needs more than Python's own library.
"""

import argparse
import contextlib
import json
import pathlib
import random
import resource
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).parents[2]
CHECKPOINT = ROOT / "Checkpoints" / "fashion-mnist-resnet8.h5"
RECIPE = ROOT / "Recipes" / "salt" / "fashion-mnist.yaml"


def split(arguments, folder, checkpoint=CHECKPOINT, cut="layer1"):
    """The files of the two parts."""
    head, tail = folder / "head.h5", folder / "tail.h5"
    subprocess.run(
        [arguments.cleave, "split", str(checkpoint), "--at", cut, "--head", str(head),
         "--tail", str(tail)], check=True, capture_output=True)
    return head, tail


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A server of a tail that can be killed and started again on its port."""

    def __init__(self, arguments, tail, *options):
        self.port = free_port()
        self.command = [arguments.cleave, "serve", str(tail), "--listen", f"127.0.0.1:{self.port}",
                        "--counters", "0 s", *options]
        self.events = []
        self.start()

    @property
    def address(self):
        return f"grpc://127.0.0.1:{self.port}"

    def start(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, text=True)
        while True:
            line = self.process.stdout.readline()
            if not line:
                raise RuntimeError(f"the server ended with {self.process.wait()}")
            if json.loads(line)["event"] == "listening":
                break
        threading.Thread(target=self.read, args=(self.process.stdout,), daemon=True).start()

    def read(self, lines):
        for line in lines:
            self.events.append(json.loads(line))

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()

    def memory(self):
        """The most memory it has had, in MiB."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) / 1024


@contextlib.contextmanager
def serving(arguments, tail, *options):
    server = Server(arguments, tail, *options)
    try:
        yield server
    finally:
        server.stop()


# MARK: - Training


def train(arguments, target, head, tail, epochs):
    """Starts SALT's recipe with the two parts."""
    return subprocess.Popen(
        [arguments.cleave, "train", str(RECIPE), "--output", str(target), "--set",
         f"network={{head: '{head}', tail: '{tail}'}}", "--set", f"train.epochs={epochs}"],
        cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def finished(process):
    errors = process.communicate()[1]
    if process.returncode != 0:
        raise RuntimeError(errors[-2000:])
    return errors


def history(target):
    return [json.loads(line) for line in (target / "metrics.jsonl").read_text().splitlines()]


def losses(target):
    return [value for epoch in history(target)
            for value in (epoch["train_loss"], epoch["validation"]["loss"])]


def apart(first, second):
    """The largest difference between two runs' losses."""
    one, other = losses(first), losses(second)
    if len(one) != len(other):
        raise RuntimeError(f"{first} has {len(one)} losses, {second} {len(other)}")
    return max(abs(a - b) for a, b in zip(one, other))


def loopback(arguments, folder):
    head, tail = split(arguments, folder)
    times = {"local": [], "served": []}
    ratios, differences = [], []
    for round in range(arguments.rounds):
        for way in ("local", "served"):
            target = folder / f"{way}-{round}"
            if way == "local":
                finished(train(arguments, target, head, tail, arguments.epochs))
            else:
                with serving(arguments, tail) as server:
                    finished(train(arguments, target, head, server.address, arguments.epochs))
            # The first epoch also fills caches.
            times[way].append(statistics.median(epoch["seconds"] for epoch in history(target)[1:]))
        ratios.append(times["served"][-1] / times["local"][-1])
        differences.append(apart(folder / f"local-{round}", folder / f"served-{round}"))
    congestion = pathlib.Path("/proc/sys/net/ipv4/tcp_congestion_control").read_text().strip()
    print(f"SALT, {arguments.epochs} epochs, batch 128, {arguments.rounds} rounds in turn, TCP with "
          f"{congestion}: an epoch takes {statistics.median(times['local']):.2f} s with the tail in the process, "
          f"{statistics.median(times['served']):.2f} s over loopback: {statistics.median(ratios):.2f} × "
          f"({min(ratios):.2f}–{max(ratios):.2f}); losses differ by {max(differences):.1e} at most.")


def restarts(arguments, folder):
    head, tail = split(arguments, folder)
    undisturbed, disturbed = folder / "undisturbed", folder / "disturbed"
    with serving(arguments, tail) as server:
        start = time.monotonic()
        finished(train(arguments, undisturbed, head, server.address, arguments.epochs))
        whole = time.monotonic() - start
    server = Server(arguments, tail)
    kills = 0
    try:
        run = train(arguments, disturbed, head, server.address, arguments.epochs)
        pauses = random.Random(1)
        # Not at even times, so that a kill meets every part of a step.
        while kills < arguments.kills and run.poll() is None:
            time.sleep(whole / (arguments.kills + 2) * pauses.uniform(0.4, 1.2))
            if run.poll() is not None:
                break
            server.kill()
            kills += 1
            time.sleep(pauses.uniform(0, 1))
            server.start()
        errors = finished(run)
    finally:
        server.stop()
    print(f"{kills} times killed and started again within {arguments.epochs} epochs: the run ended, "
          f"its losses differ from an undisturbed run's by {apart(undisturbed, disturbed):.1e}; "
          f"{errors.count('note:')} notes on standard error.")
    return 0 if kills == arguments.kills else 1


# MARK: - Load


def ask(arguments, server, clients, seconds):
    return json.loads(subprocess.run(
        [arguments.cleave, "bench", server.address, "--batch", "1", "--clients", str(clients),
         "--seconds", str(seconds), "--json"], check=True, capture_output=True, text=True).stdout)


# A tail of dense layers, as published classifiers end: its 18.9 million weights are read once a batch. How
# well it answers is of no matter here.
DENSE = """
method: supervised
data: {name: fashion-mnist, validation_fraction: 0.9}
network: {architecture: mlp-512-4096-4096, cut: relu1, input: {scale: 255}}
train: {epochs: 1, batch_size: 256, optimizer: {name: adam, learning_rate: 1.0e-4}}
"""


def dense(arguments, folder):
    """The checkpoint of that tail."""
    recipe, run = folder / "dense.yaml", folder / "dense"
    recipe.write_text(DENSE)
    subprocess.run([arguments.cleave, "train", str(recipe), "--output", str(run)], check=True,
                   capture_output=True)
    return split(arguments, run, run / "best.h5", "relu1")[1]


def load(arguments, folder):
    tails = [("ResNet-8 behind layer1", split(arguments, folder)[1]),
             ("512-4096-4096-10, dense", dense(arguments, folder))]
    ways = {"together": "256", "one by one": "1"}
    print("| tail | clients | " + " | ".join(
        f"requests a second, {way} | median (99 %), ms" for way in ways) + " | ratio |")
    print("|---|---|" + "---|---|" * len(ways) + "---|")
    for name, tail in tails:
        for clients in (1, 8, 64):
            found = {way: [] for way in ways}
            for _ in range(arguments.rounds):
                for way, most in ways.items():
                    with serving(arguments, tail, "--together", most) as server:
                        found[way].append(ask(arguments, server, clients, arguments.seconds))
            cells = []
            rates = {way: [entry["requests_per_second"] for entry in found[way]] for way in ways}
            for way in ways:
                middle = lambda key: 1000 * statistics.median(entry[key] for entry in found[way])
                cells.append(f"{statistics.median(rates[way]):,.0f} | "
                             f"{middle('median'):.1f} ({middle('p99'):.1f})")
            ratios = [a / b for a, b in zip(rates["together"], rates["one by one"])]
            print(f"| {name} | {clients} | {' | '.join(cells)} | {statistics.median(ratios):.2f} |", flush=True)


# MARK: - Attack


def varint(value):
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes(out + bytes([value]))


def field(number, body):
    """A field of bytes, a text or a message."""
    body = body.encode() if isinstance(body, str) else body
    return varint(number << 3 | 2) + varint(len(body)) + body


def latents(shape, content):
    """A request's message: the shape of its latents and their values."""
    return field(1, field(1, field(1, b"".join(varint(extent) for extent in shape)))) + field(15, content)


def streams(*content, tables=b""):
    """A request's message with streams of a codec."""
    return field(1, field(2, b"".join(field(1, stream) for stream in content) + field(2, tables)))


def hostile(arguments, folder):
    import grpc
    _, tail = split(arguments, folder)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 1 << 16), hard))
    tokens = folder / "tokens"
    token = "0123456789abcdef0123456789abcdef"
    tokens.write_text(f"honest {token}\n")
    (folder / "token").write_text(token + "\n")
    server = Server(arguments, tail, "--tokens", str(tokens))
    options = [("grpc.max_send_message_length", -1), ("grpc.enable_retries", 0)]
    channel = grpc.insecure_channel(f"127.0.0.1:{server.port}", options)

    def call(method, message, known=True):
        """The status of a call, by name."""
        metadata = [("authorization", f"Bearer {token}")] if known else []
        try:
            channel.unary_unary(f"/cleave.tail.v1.Tail/{method}")(
                message, metadata=metadata, timeout=30)
            return "OK"
        except grpc.RpcError as error:
            return error.code().name

    def honest(seconds):
        return json.loads(subprocess.run(
            [arguments.cleave, "bench", server.address, "--token-file", str(folder / "token"), "--batch",
             "1", "--clients", "4", "--seconds", str(seconds), "--json"],
            check=True, capture_output=True, text=True).stdout)

    try:
        described = channel.unary_unary("/cleave.tail.v1.Tail/Describe")(
            b"", metadata=[("authorization", f"Bearer {token}")], timeout=30)
        # The first field holds the shape of a latent, packed.
        length, shape, extent, place = described[1], [], 0, 0
        for byte in described[2:2 + length]:
            extent |= (byte & 127) << place
            place += 7
            if byte < 128:
                shape.append(extent)
                extent = place = 0
        count = 1
        for extent in shape:
            count *= extent
        good = latents([1] + shape, bytes(4 * count))
        before = honest(arguments.seconds)
        rest = server.memory()
        print(f"A well-behaved client alone: {before['requests_per_second']:,.0f} requests a second, 99 % in "
              f"{1000 * before['p99']:.1f} ms; the server has needed {rest:.0f} MiB.\n")
        wrong = [
            ("a good request", "Forward", good, True),
            ("no token", "Forward", good, False),
            ("an unknown call", "Weights", b"", True),
            ("nothing", "Forward", b"", True),
            ("no protocol buffer", "Forward", b"\xff" * 100, True),
            ("a message cut off", "Forward", good[:len(good) // 2], True),
            ("another shape", "Forward", latents([1, 7], bytes(28)), True),
            ("fewer values than the shape says", "Forward", latents([1] + shape, b"1234"), True),
            ("a shape of 2⁶⁰ values", "Forward", latents([1 << 30, 1 << 30], b""), True),
            ("more latents than are taken", "Forward",
             latents([100_000] + shape, b""), True),
            ("unknown tables", "Forward", streams(b"stream", tables=b"nobody's"), True),
            ("a stream of nonsense", "Forward", streams(bytes(range(200))), True),
            ("tables of nonsense", "Share", field(1, varint(8) + varint(1) + field(2, b"\xff" * 99)), True),
            ("a label there is not", "Backward", good + field(3, varint(99)), True),
            ("128 MiB", "Forward", bytes(1 << 27), True),
        ]
        print("| what is sent | status |\n|---|---|")
        for name, method, message, known in wrong:
            print(f"| {name} | {call(method, message, known)} |", flush=True)
        statuses = {}
        dice = random.Random(1)
        for _ in range(arguments.mutations):
            message = bytearray(good)
            for _ in range(dice.randint(1, 8)):
                message[dice.randrange(min(40, len(message)))] = dice.randrange(256)
            status = call("Forward", bytes(message))
            statuses[status] = statuses.get(status, 0) + 1
        told = ", ".join(f"{status} {count}" for status, count in sorted(statuses.items()))
        print(f"| {arguments.mutations:,} requests with damaged beginnings | {told} |\n")

        stop = threading.Event()
        sockets = []

        def slowly():
            """Connections that say HTTP/2's first words a byte at a time."""
            words = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
            lines = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(200)]
            for byte in words:
                for line in lines:
                    with contextlib.suppress(OSError):
                        line.send(bytes([byte]))
                if stop.wait(0.5):
                    break
            stop.wait()
            for line in lines:
                line.close()

        def crowd():
            """Connections that say nothing."""
            for _ in range(arguments.connections):
                with contextlib.suppress(OSError):
                    sockets.append(socket.create_connection(("127.0.0.1", server.port), timeout=5))

        workers = [threading.Thread(target=slowly), threading.Thread(target=crowd)]
        for worker in workers:
            worker.start()
        workers[1].join()
        opened = len(sockets)
        beside = honest(2 * arguments.seconds)
        print(f"With {opened:,} connections that say nothing and 200 that say their first words a byte in half a "
              f"second: the well-behaved client gets {beside['requests_per_second']:,.0f} requests a second, "
              f"99 % in {1000 * beside['p99']:.1f} ms; the server has needed {server.memory():.0f} MiB.")
        stop.set()
        for line in sockets:
            line.close()
        workers[0].join()
        after = honest(arguments.seconds)
        print(f"Afterwards: {after['requests_per_second']:,.0f} requests a second; the server "
              f"{'lives' if server.process.poll() is None else 'is dead'}.")
    finally:
        channel.close()
        server.stop()


WAYS = {"loopback": loopback, "restarts": restarts, "load": load, "hostile": hostile}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n\n")[0], formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cleave", default=str(ROOT / ".build/release/cleave"))
    parser.add_argument("--only", nargs="+", choices=list(WAYS), default=list(WAYS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--kills", type=int, default=24)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--mutations", type=int, default=2000)
    parser.add_argument("--connections", type=int, default=10_000)
    arguments = parser.parse_args()
    failed = 0
    for way in arguments.only:
        with tempfile.TemporaryDirectory() as folder:
            failed |= WAYS[way](arguments, pathlib.Path(folder)) or 0
    return failed


sys.exit(main())
