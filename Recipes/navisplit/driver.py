#!/usr/bin/env python3
"""Runs an exported gate frame by frame, as a device and its server would.

    python Recipes/navisplit/driver.py exported frames.json

`exported` is what `cleave export` makes of a run of navisplit_gate. `frames.json` is a list of flights,
each a list of frames {"pixels": [height, width, 3 of 0 to 255], "goal_distance": metres,
"goal_bearing": radians}. For every frame it prints one JSON object: the branch that was used, the bytes
that were sent, the action, and the branch of the next frame.

Needs numpy and onnxruntime.
"""
import json
import math
import pathlib
import sys

import numpy
import onnxruntime


class Branch:
    def __init__(self, folder, entry, transform):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        open_model = lambda part: onnxruntime.InferenceSession(
            str(folder / part["float"]["name"]), options, providers=["CPUExecutionProvider"])
        self.name = entry["name"]
        self.head, self.tail = open_model(entry["head"]), open_model(entry["tail"])
        self.scale = numpy.float32(entry["latent_quantization"]["scale"])
        self.zero = entry["latent_quantization"]["zero_point"]
        self.transform = transform

    def depth(self, pixels):
        """Depth as a share of the far limit, and the bytes of the latent."""
        image = pixels.astype(numpy.float32) / numpy.float32(self.transform["scale"])
        mean = numpy.asarray(self.transform["mean"] or [0], numpy.float32)
        deviation = numpy.asarray(self.transform["std"] or [1], numpy.float32)
        image = ((image - mean) / deviation).transpose(2, 0, 1)[None]
        latent, = self.head.run(None, {self.head.get_inputs()[0].name: image})
        symbols = numpy.clip(numpy.rint(latent / self.scale) + self.zero, 0, 255).astype(numpy.uint8)
        received = (symbols.astype(numpy.float32) - self.zero) * self.scale
        depth, = self.tail.run(None, {self.tail.get_inputs()[0].name: received})
        return depth[0, 0], symbols.size


class Driver:
    def __init__(self, folder):
        folder = pathlib.Path(folder)
        manifest = json.loads((folder / "manifest.json").read_text())
        transform = manifest["input_transform"]
        self.branches = [Branch(folder, entry, transform) for entry in manifest["branches"]]
        policies = {policy["name"]: policy for policy in manifest["policies"]}
        self.settings = policies["navigator"]["settings"]
        self.decision = policies["gate"]["facts"]["decision"]
        self.models = {name: onnxruntime.InferenceSession(
            str(folder / policy["model"]["name"]), providers=["CPUExecutionProvider"])
            for name, policy in policies.items()}
        self.begin()

    def begin(self):
        """Begins a flight: the first frame has the last branch, whose number is 1."""
        self.memory = []
        self.branch, self.number = len(self.branches) - 1, 1.0

    def ask(self, name, observation):
        model = self.models[name]
        row = numpy.asarray(observation, numpy.float32)[None]
        return model.run(None, {model.get_inputs()[0].name: row})[0][0]

    def cells(self, depth):
        rows, columns = int(self.settings["grid_rows"]), int(self.settings["grid_columns"])
        height, width = depth.shape
        return [float(depth[height * r // rows:height * (r + 1) // rows,
                            width * c // columns:width * (c + 1) // columns].min())
                for r in range(rows) for c in range(columns)]

    def frame(self, pixels, goal_distance, goal_bearing):
        used = self.branches[self.branch]
        depth, size = used.depth(numpy.asarray(pixels))
        step = self.cells(depth) + [
            min(1.0, goal_distance / self.settings["far_goal_metres"]), goal_bearing / math.pi]
        count = int(self.settings["steps"])
        self.memory = (self.memory or [step] * (count - 1)) + [step]
        self.memory = self.memory[-count:]
        observation = [value for past in self.memory for value in past]
        longest = self.settings["longest_flight_metres"]
        action = self.ask("navigator", observation)
        forward = min(max((float(action[0]) + 1) / 2 * longest, 0), longest)
        turn = min(max(float(action[1]) * math.pi, -math.pi), math.pi)
        answer = self.ask("gate", observation + [
            forward / longest, (turn / math.pi + 1) / 2, self.number])
        total = len(self.branches)
        if self.decision.startswith("argmax"):
            following = int(numpy.argmax(answer))
            number = 2 * following / (total - 1) - 1 if total > 1 else 1.0
        else:
            number = float(answer[0])
            share = number if self.decision.startswith("clamped") else (number + 1) / 2
            following = min(total - 1, max(0, int(total * share)))
        self.branch, self.number = following, number
        return {"branch": used.name, "latent_bytes": size, "forward": forward, "turn": turn,
                "next_branch": self.branches[following].name}


def main():
    driver = Driver(sys.argv[1])
    for flight in json.loads(pathlib.Path(sys.argv[2]).read_text()):
        driver.begin()
        for frame in flight:
            print(json.dumps(driver.frame(
                frame["pixels"], frame["goal_distance"], frame["goal_bearing"])))


if __name__ == "__main__":
    main()
