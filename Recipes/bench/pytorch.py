#!/usr/bin/env python3
"""The same work here and in PyTorch, in turn (A B A B …), and the ratios of the medians.

    swift build -c release
    pip install torch==2.13.0+cpu
    python3 Recipes/bench/pytorch.py

Each round runs every row once in a process of its own on either side; a process warms up and times
several repetitions, and its median counts. PyTorch runs in eager mode by its best practice: the
faster of NCHW and channels_last for each row, inference mode for what is frozen, gradients only
where they are needed. Ratios above 1 mean that cleave is faster; for memory, below 1 that it takes
less.
"""

import argparse
import json
import platform
import resource
import statistics
import subprocess
import sys
import time

# name, network, work, batch, cut, repetitions
ROWS = [
    ("ResNet-18 (CIFAR stem) frozen forward", "resnet18-cifar", "forward", 64, None, 5),
    ("ResNet-18 (CIFAR stem) training step", "resnet18-cifar", "train", 64, None, 3),
    ("ResNet-20 training step", "resnet20", "train", 128, None, 5),
    ("ResNet-20 frozen forward", "resnet20", "forward", 128, None, 5),
    ("MobileNetV2 (224 × 224) frozen forward", "mobilenetv2", "forward", 16, None, 3),
    ("MobileNetV2 (224 × 224) training step", "mobilenetv2", "train", 16, None, 3),
    ("ResNet-18 (224 × 224) frozen forward", "resnet18", "forward", 1, None, 10),
    ("MobileNetV2 (224 × 224) frozen forward", "mobilenetv2", "forward", 1, None, 10),
    ("SALT step, ResNet-18 at layer2, cached", "resnet18-cifar", "salt", 128, "layer2", 3),
    ("SALT step, ResNet-18 at layer2, head run", "resnet18-cifar", "salt-uncached", 128, "layer2",
     3),
    ("Two task heads, ResNet-18 (224 × 224) at layer4, cached", "resnet18", "heads", 32, "layer4",
     5),
]


def build(torch, network):
    """The networks of the rows, written as PyTorch's users write them."""
    nn = torch.nn
    functional = nn.functional

    class Block(nn.Module):
        def __init__(self, inputs, outputs, stride, projects):
            super().__init__()
            self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
            self.bn1 = nn.BatchNorm2d(outputs)
            self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
            self.bn2 = nn.BatchNorm2d(outputs)
            self.projects = projects
            self.padding = (outputs - inputs) // 2
            self.shortcut = None
            if projects and (stride != 1 or inputs != outputs):
                self.shortcut = nn.Sequential(
                    nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

        def forward(self, x):
            y = functional.relu(self.bn1(self.conv1(x)))
            y = self.bn2(self.conv2(y))
            if self.shortcut is not None:
                x = self.shortcut(x)
            elif self.padding:
                x = functional.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, self.padding, self.padding))
            return functional.relu(y + x)

    def stage(inputs, outputs, blocks, stride, projects):
        layers = [Block(inputs, outputs, stride, projects)]
        layers += [Block(outputs, outputs, 1, projects) for _ in range(blocks - 1)]
        return nn.Sequential(*layers)

    class Inverted(nn.Module):
        def __init__(self, inputs, outputs, stride, expansion):
            super().__init__()
            width = inputs * expansion
            layers = []
            if expansion != 1:
                layers += [nn.Conv2d(inputs, width, 1, bias=False), nn.BatchNorm2d(width),
                           nn.ReLU6(True)]
            layers += [nn.Conv2d(width, width, 3, stride, 1, groups=width, bias=False),
                       nn.BatchNorm2d(width), nn.ReLU6(True),
                       nn.Conv2d(width, outputs, 1, bias=False), nn.BatchNorm2d(outputs)]
            self.body = nn.Sequential(*layers)
            self.adds = stride == 1 and inputs == outputs

        def forward(self, x):
            return x + self.body(x) if self.adds else self.body(x)

    if network == "mobilenetv2":
        stem = [nn.Conv2d(3, 32, 3, 2, 1, bias=False), nn.BatchNorm2d(32), nn.ReLU6(True)]
        stages, channels = [], 32
        for expansion, outputs, count, stride in [
                (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1),
                (6, 160, 3, 2), (6, 320, 1, 1)]:
            for repetition in range(count):
                stages.append(Inverted(
                    channels, outputs, stride if repetition == 0 else 1, expansion))
                channels = outputs
        stages += [nn.Conv2d(320, 1280, 1, bias=False), nn.BatchNorm2d(1280), nn.ReLU6(True)]
        width, size = 1280, 224
    elif network == "resnet20":
        stem = [nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU()]
        stages = [stage(16, 16, 3, 1, False), stage(16, 32, 3, 2, False),
                  stage(32, 64, 3, 2, False)]
        width, size = 64, 32
    else:
        if network == "resnet18-cifar":
            stem, size = [nn.Conv2d(3, 64, 3, 1, 1, bias=False)], 32
        else:
            stem, size = [nn.Conv2d(3, 64, 7, 2, 3, bias=False)], 224
        stem += [nn.BatchNorm2d(64), nn.ReLU()]
        if size == 224:
            stem.append(nn.MaxPool2d(3, 2, 1))
        stages = [stage(64, 64, 2, 1, True), stage(64, 128, 2, 2, True),
                  stage(128, 256, 2, 2, True), stage(256, 512, 2, 2, True)]
        width = 512
    last = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, 10)]
    return stem, stages, last, size


def peer(row, layout, threads):
    """Times one row in PyTorch and prints the result as JSON."""
    import torch

    _, network, work, batch, cut, repetitions = row
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    nn = torch.nn
    memory = torch.channels_last if layout == "channels_last" else torch.contiguous_format
    stem, stages, last, size = build(torch, network)
    x = torch.randn(batch, 3, size, size).contiguous(memory_format=memory)
    labels = torch.arange(batch) % 10

    def whole():
        return nn.Sequential(*stem, *stages, *last).to(memory_format=memory)

    if work == "forward":
        model = whole().eval()

        def step():
            with torch.inference_mode():
                model(x)
    elif work == "train":
        model = whole().train()
        optimizer = torch.optim.SGD(model.parameters(), lr=1e-3, momentum=0.9)

        def step():
            optimizer.zero_grad(set_to_none=True)
            nn.functional.cross_entropy(model(x), labels).backward()
            optimizer.step()
    elif work == "heads":
        features = nn.Sequential(*stem, *stages).eval().to(memory_format=memory)
        with torch.no_grad():
            cached = features(x)
        del features

        def head(classes):
            return nn.Sequential(
                nn.Flatten(), nn.Linear(cached[0].numel(), 256), nn.Dropout(0.1), nn.ReLU(),
                nn.Linear(256, classes))

        heads = nn.ModuleList([head(8), head(4)]).train()
        optimizer = torch.optim.AdamW(heads.parameters(), lr=1e-4, weight_decay=1e-6)

        def step():
            optimizer.zero_grad(set_to_none=True)
            losses = [nn.functional.cross_entropy(task(cached), labels % classes)
                      for task, classes in zip(heads, (8, 4))]
            sum(losses).backward()
            optimizer.step()
    else:
        index = int(cut.removeprefix("layer"))
        head = nn.Sequential(*stem, *stages[:index]).eval().to(memory_format=memory)
        tail = nn.Sequential(*stages[index:], *last).eval().to(memory_format=memory)
        for parameter in tail.parameters():
            parameter.requires_grad_(False)
        with torch.inference_mode():
            channels = head(x).shape[1]

        class Adapter(nn.Module):
            def __init__(self):
                super().__init__()
                def block():
                    return [nn.Conv2d(channels, channels, 3, 1, 1), nn.BatchNorm2d(channels),
                            nn.ReLU()]
                self.body = nn.Sequential(
                    *block(), *block(), nn.Conv2d(channels, channels, 3, 1, 1))

            def forward(self, z):
                return z + self.body(z)

        adapter = Adapter().train().to(memory_format=memory)
        optimizer = torch.optim.Adam(adapter.parameters(), lr=1e-3)
        with torch.no_grad():
            cached = head(x)

        def step():
            if work == "salt":
                z = cached
            else:
                with torch.no_grad():
                    z = head(x)
            optimizer.zero_grad(set_to_none=True)
            nn.functional.cross_entropy(tail(adapter(z)), labels).backward()
            optimizer.step()

    times = []
    for repetition in range(repetitions + 2):
        start = time.perf_counter()
        step()
        if repetition >= 2:
            times.append(time.perf_counter() - start)
    print(json.dumps({
        "seconds": statistics.median(times),
        "peak_resident_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "version": torch.__version__, "threads": torch.get_num_threads()}))


def ours(row, cleave, threads):
    _, network, work, batch, cut, repetitions = row
    command = [cleave, "bench", network, "--work", work, "--batch", str(batch), "--json",
               "--repetitions", str(repetitions), "--threads", str(threads)]
    if cut:
        command += ["--at", cut]
    return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)


def theirs(index, layout, threads):
    command = [sys.executable, __file__, "--peer", str(index), "--layout", layout,
               "--threads", str(threads)]
    return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cleave", default=".build/release/cleave")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rows", type=int, nargs="+", default=range(len(ROWS)))
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--peer", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--layout", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.peer is not None:
        return peer(ROWS[arguments.peer], arguments.layout, arguments.threads)
    results, version = [], None
    for index in arguments.rows:
        row = ROWS[index]
        own, other = [], {"NCHW": [], "channels_last": []}
        for _ in range(arguments.rounds):
            own.append(ours(row, arguments.cleave, arguments.threads))
            for layout, found in other.items():
                found.append(theirs(index, layout, arguments.threads))
                version = found[-1]["version"]
        layout = min(other, key=lambda name: statistics.median(r["seconds"] for r in other[name]))
        mine = statistics.median(r["seconds"]["median"] for r in own)
        best = statistics.median(r["seconds"] for r in other[layout])
        ratios = sorted(b["seconds"] / a["seconds"]["median"] for a, b in zip(own, other[layout]))
        memory = (statistics.median(r["peak_resident_bytes"] for r in own)
                  / statistics.median(r["peak_resident_bytes"] for r in other[layout]))
        result = {"row": row[0], "batch": row[3], "cleave_seconds": mine, "pytorch_seconds": best,
                  "layout": layout, "ratio": best / mine, "ratio_minimum": ratios[0],
                  "ratio_maximum": ratios[-1], "memory_ratio": memory}
        if row[2] == "forward":
            result["gigaflops_to_matrix_product"] = statistics.median(
                r["gigaflops"] / r["matrix_product_gigaflops"] for r in own)
        results.append(result)
        print(f"{row[0]}: {best / mine:.2f}", file=sys.stderr, flush=True)
    if arguments.json:
        print(json.dumps({"pytorch": version, "threads": arguments.threads, "rows": results}))
        return 0
    print(f"PyTorch {version}, {arguments.threads} threads, {platform.machine()}, "
          f"{arguments.rounds} rounds\n")
    print("| work | batch | PyTorch (faster layout) | cleave | ratio (range) | memory "
          "| GFLOP/s ÷ sgemm |")
    print("|---|---|---|---|---|---|---|")
    for r in results:
        gigaflops = r.get("gigaflops_to_matrix_product")
        print(f"| {r['row']} | {r['batch']} | {1000 * r['pytorch_seconds']:.0f} ms "
              f"({r['layout']}) | {1000 * r['cleave_seconds']:.0f} ms | {r['ratio']:.2f} "
              f"({r['ratio_minimum']:.2f}–{r['ratio_maximum']:.2f}) | {r['memory_ratio']:.2f} | "
              f"{f'{gigaflops:.2f}' if gigaflops else '–'} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
