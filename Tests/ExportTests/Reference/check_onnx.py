"""Holds exported models to onnx.checker and onnxruntime.

Usage: python3 check_onnx.py DIRECTORY

DIRECTORY holds cases.json, a list of {name, model, inputs, outputs}; inputs and outputs are lists of
{name, shape, file}, the files raw little-endian 32-bit floats. Prints one JSON object: for each case
by name the largest absolute difference of any output, the root mean square difference of the first
output as a share of its expected standard deviation, the share of rows whose largest element of the
first output is at the same place, and how often each operator occurs in the file and in
onnxruntime's optimised graph.
"""

import collections
import json
import os
import sys

import numpy as np
import onnx
import onnxruntime


def read(directory, value):
    data = np.fromfile(os.path.join(directory, value["file"]), dtype="<f4")
    return data.reshape(value["shape"])


def operators(path):
    model = onnx.load(path)
    return dict(collections.Counter(node.op_type for node in model.graph.node))


def check(directory, case):
    path = os.path.join(directory, case["model"])
    onnx.checker.check_model(path, full_check=True)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    options.optimized_model_filepath = path + ".optimized"
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    feeds = {value["name"]: read(directory, value) for value in case["inputs"]}
    names = [value["name"] for value in case["outputs"]]
    found = session.run(names, feeds)
    expected = [read(directory, value) for value in case["outputs"]]
    for value, array in zip(expected, found):
        if value.shape != array.shape:
            raise SystemExit(f"{case['name']}: shape {array.shape}, expected {value.shape}")
    rows = len(expected[0])
    agreement = np.mean(
        expected[0].reshape(rows, -1).argmax(1) == found[0].reshape(rows, -1).argmax(1)
    )
    return {
        "difference": max(float(np.abs(a - b).max()) for a, b in zip(expected, found)),
        "relativeError": float(np.sqrt(np.mean((expected[0] - found[0]) ** 2)) / expected[0].std()),
        "agreement": float(agreement),
        "operators": operators(path),
        "optimizedOperators": operators(path + ".optimized"),
    }


def main():
    directory = sys.argv[1]
    with open(os.path.join(directory, "cases.json")) as file:
        cases = json.load(file)
    print(json.dumps({case["name"]: check(directory, case) for case in cases}))


if __name__ == "__main__":
    main()
