#!/usr/bin/env python3
"""The model of a link beside a link: two network namespaces with a shaped rate, delay and loss.

    swift build -c release --traits GRPC
    cleave split … (or any head.h5 and tail.h5, and a run whose images are sent)
    python3 Recipes/bench/links.py --head head.h5 --tail tail.h5 --images runs/of-these-images

The server is in one namespace, the device in the other, both on one thread; their only way to each other
are two tunnels, between which this program passes packets: each waits until those before it are gone at
the link's rate, then for half of the round trip, and is lost with the given probability. So TCP and HTTP/2
are the kernel's and gRPC's own. Wants root and `ip`. Images go one after the other over one connection. The
model is told the rate and the round trip, and adds the headers of TCP: T = device + bytes / rate + round trip +
server.
Needs nothing but Python's own library.
"""

import argparse
import ctypes
import fcntl
import heapq
import json
import multiprocessing
import os
import pathlib
import random
import re
import select
import struct
import subprocess
import sys
import time

RATES = [1, 10, 100]
DELAYS = [5, 50]
LOSSES = [0, 1]


def sh(command, **options):
    return subprocess.run(command, shell=True, check=True, capture_output=True, text=True, **options)


def tunnel(space):
    """The packets of a namespace's tunnel, as a file."""
    here = os.open("/proc/self/ns/net", os.O_RDONLY)
    there = os.open(f"/run/netns/{space}", os.O_RDONLY)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(there, 0) != 0:
        raise OSError(ctypes.get_errno(), "setns")
    file = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    # IFF_TUN | IFF_NO_PI: packets of the internet protocol, and nothing before them.
    fcntl.ioctl(file, 0x400454CA, struct.pack("16sH22x", b"tun0", 0x1001))
    libc.setns(here, 0)
    os.close(here)
    os.close(there)
    return file


def forward(rate, delay, loss):
    """Passes packets between the tunnels for as long as the process lives; rate in bits, delay in seconds."""
    files = [tunnel("cleave-device"), tunnel("cleave-server")]
    random_source = random.Random(1)
    free = [0.0, 0.0]
    under_way = []
    number = 0
    while True:
        now = time.monotonic()
        while under_way and under_way[0][0] <= now:
            _, _, target, packet = heapq.heappop(under_way)
            os.write(target, packet)
        wait = max(0.0, under_way[0][0] - time.monotonic()) if under_way else None
        # The last fraction of a millisecond is waited for awake, as sleeping is not that exact.
        if wait is not None:
            wait = wait - 0.0003 if wait > 0.0003 else 0
        for file in select.select(files, [], [], wait)[0]:
            side = files.index(file)
            while True:
                try:
                    packet = os.read(file, 65536)
                except BlockingIOError:
                    break
                free[side] = max(free[side], time.monotonic()) + 8 * len(packet) / rate
                if random_source.random() < loss:
                    continue
                number += 1
                heapq.heappush(under_way, (free[side] + delay / 2, number, files[1 - side], packet))


CONGESTION = pathlib.Path("/proc/sys/net/ipv4/tcp_congestion_control")


def setup(congestion):
    cleanup()
    # New namespaces take over what the first one has. A kernel that paces its packets by the rate it has
    # seen, as with BBR, spreads the few of an image over part of a round trip.
    before = CONGESTION.read_text()
    CONGESTION.write_text(congestion)
    sh("ip netns add cleave-device && ip netns add cleave-server")
    CONGESTION.write_text(before)
    for space, address, other in (
            ("cleave-device", "10.77.0.1", "10.77.0.2"), ("cleave-server", "10.77.0.2", "10.77.0.1")):
        sh(f"ip netns exec {space} ip tuntap add dev tun0 mode tun")
        sh(f"ip -n {space} addr add {address} peer {other} dev tun0")
        # A queue as long as a slow link's has to be, so that only the link loses packets.
        sh(f"ip -n {space} link set tun0 up mtu 1500 txqueuelen 10000 && ip -n {space} link set lo up")


def cleanup():
    for space in ("cleave-device", "cleave-server"):
        subprocess.run(f"ip netns del {space}", shell=True, capture_output=True)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n\n")[0], formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cleave", default=".build/release/cleave")
    parser.add_argument("--head", required=True)
    parser.add_argument("--tail", required=True)
    parser.add_argument("--images", required=True)
    parser.add_argument("--congestion", default="cubic", help="TCP's congestion control on both sides")
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--codec", nargs="*", default=["--codec", "fp32"])
    arguments = parser.parse_args()
    setup(arguments.congestion)
    server = subprocess.Popen(
        ["ip", "netns", "exec", "cleave-server", arguments.cleave, "serve", arguments.tail,
         "--listen", "10.77.0.2:50051", "--threads", "1"],
        stdout=subprocess.PIPE, stderr=sys.stderr, text=True)
    try:
        server.stdout.readline()
        print("| link | round trip | loss | bytes | device | server | link, measured | link, model |"
              " total, measured (95 %) | total, model | off |")
        print("|---|---|---|---|---|---|---|---|---|---|---|")
        for rate in RATES:
            for delay in DELAYS:
                for loss in LOSSES:
                    link = multiprocessing.Process(
                        target=forward, args=(1e6 * rate, delay / 1000, loss / 100), daemon=True)
                    link.start()
                    found = json.loads(sh(
                        f"ip netns exec cleave-device {arguments.cleave} offload {arguments.head} "
                        f"{arguments.images} --tail grpc://10.77.0.2:50051 --count {arguments.count} "
                        f"--rate {rate}Mbit/s --round-trip-time {delay}ms "
                        f"--threads 1 --json " + " ".join(arguments.codec)).stdout)
                    link.terminate()
                    link.join()
                    print(row(rate, delay, loss, found), flush=True)
    finally:
        server.terminate()
        server.wait()
        cleanup()


UNITS = {"ns": 1e-6, "µs": 1e-3, "ms": 1, "s": 1e3, "min": 6e4}


def milliseconds(time):
    number, unit = re.fullmatch(r"([\d.e+-]+) ?(\S+)", time).groups()
    return float(number) * UNITS[unit]


def row(rate, delay, loss, found):
    predicted = found["predicted"]
    model = sum(milliseconds(predicted[part]) for part in ("uplink", "downlink", "round_trip"))
    whole = model + milliseconds(predicted["device"]) + milliseconds(predicted["server"])
    total = milliseconds(found["total"]["median"])
    return (f"| {rate} Mbit/s | {delay} ms | {loss} % | {found['uplink_bytes']:,.0f} |"
            f" {milliseconds(found['device']['median']):.1f} | {milliseconds(found['server']['median']):.1f} |"
            f" {milliseconds(found['link']['median']):.1f} | {model:.1f} |"
            f" {total:.1f} ({milliseconds(found['total']['p95']):.1f}) | {whole:.1f} |"
            f" {100 * (whole / total - 1):+.1f} % |")


main()
