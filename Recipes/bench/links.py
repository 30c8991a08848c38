#!/usr/bin/env python3
"""The model of a link beside a link: two network namespaces with a shaped rate, delay and loss.

    swift build -c release --traits GRPC
    cleave split … (or any head.h5 and tail.h5, and a run whose images are sent)
    python3 Recipes/bench/links.py --head head.h5 --tail tail.h5 --images runs/of-these-images

The server is in one namespace, the device in the other, both on one thread; between them a pair of
virtual interfaces whose ends send at the rate after half of the round trip (netem). Wants root, `ip` and
`tc`. Images go one after the other over one connection. The model is
told the rate and the round trip, nothing else: T = device + bytes / rate + round trip + server. Needs
nothing but Python's own library.
"""

import argparse
import json
import re
import subprocess
import sys

RATES = ["1mbit", "10mbit", "100mbit"]
DELAYS = [5, 50]
LOSSES = [0, 1]


def sh(command, **options):
    return subprocess.run(command, shell=True, check=True, capture_output=True, text=True, **options)


def shape(rate, delay, loss):
    """Both ends send at the rate, after half of the round trip."""
    lost = f" loss {loss}%" if loss else ""
    for space, interface in (("cleave-device", "veth-device"), ("cleave-server", "veth-server")):
        subprocess.run(
            f"ip netns exec {space} tc qdisc del dev {interface} root", shell=True,
            capture_output=True)
        sh(f"ip netns exec {space} tc qdisc add dev {interface} root netem "
           f"delay {delay / 2}ms rate {rate}{lost} limit 10000")


def setup():
    cleanup()
    sh("ip netns add cleave-device && ip netns add cleave-server")
    sh("ip link add veth-device netns cleave-device type veth peer name veth-server netns cleave-server")
    for space, interface, address in (
            ("cleave-device", "veth-device", "10.77.0.1"),
            ("cleave-server", "veth-server", "10.77.0.2")):
        sh(f"ip -n {space} addr add {address}/24 dev {interface}")
        sh(f"ip -n {space} link set {interface} up && ip -n {space} link set lo up")


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
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--codec", nargs="*", default=["--codec", "fp32"])
    arguments = parser.parse_args()
    setup()
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
                    shape(rate, delay, loss)
                    found = json.loads(sh(
                        f"ip netns exec cleave-device {arguments.cleave} offload {arguments.head} "
                        f"{arguments.images} --tail grpc://10.77.0.2:50051 --count {arguments.count} "
                        f"--rate {rate.replace('mbit', 'Mbit/s')} --round-trip-time {delay}ms "
                        f"--threads 1 --json " + " ".join(arguments.codec)).stdout)
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
    return (f"| {rate.replace('mbit', ' Mbit/s')} | {delay} ms | {loss} % | {found['uplink_bytes']:,.0f} |"
            f" {milliseconds(found['device']['median']):.1f} | {milliseconds(found['server']['median']):.1f} |"
            f" {milliseconds(found['link']['median']):.1f} | {model:.1f} |"
            f" {total:.1f} ({milliseconds(found['total']['p95']):.1f}) | {whole:.1f} |"
            f" {100 * (whole / total - 1):+.1f} % |")


main()
