"""Writes fixture.h5, a file with the habits of other writers (Keras, PyTorch users, h5py).

Run: python3 Tests/HDF5Tests/Fixtures/make_fixtures.py
The committed file was written with h5py 3.16.0 (HDF5 2.0.0) and numpy 2.4.6.
"""

import pathlib

import h5py
import numpy as np

PATH = pathlib.Path(__file__).with_name("fixture.h5")


def compact(group, name, values):
    """A dataset whose elements lie in its object header."""
    properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    properties.set_layout(h5py.h5d.COMPACT)
    space = h5py.h5s.create_simple(values.shape)
    h5py.h5d.create(
        group.id, name.encode(), h5py.h5t.py_create(values.dtype), space, properties
    ).write(h5py.h5s.ALL, h5py.h5s.ALL, values)


with h5py.File(PATH, "w") as file:
    # Keras 2: fixed-length bytes in arrays, variable-length text in scalars.
    file.attrs["model_config"] = '{"class_name": "Functional", "note": "größer"}'
    file.attrs["backend"] = np.bytes_("tensorflow")
    weights = file.create_group("model_weights")
    weights.attrs["layer_names"] = np.array([b"conv2d", b"dense_1"])
    conv = weights.create_group("conv2d")
    conv.attrs["weight_names0"] = np.array([b"conv2d/kernel:0"])
    conv.attrs["weight_names1"] = np.array([b"conv2d/bias:0", b"x"])
    conv.attrs["epsilon"] = np.float64(0.001)
    conv.attrs["strides"] = np.array([2, 1], dtype=np.int64)
    # What h5py makes of an empty list: no elements, of type float64.
    weights.create_group("dense_1").attrs["weight_names"] = []
    inner = conv.create_group("conv2d")
    inner["kernel:0"] = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    inner["bias:0"] = np.array([1.5, -2.5], dtype=np.float16)

    data = file.create_group("data")
    grid = np.arange(600, dtype=np.int32).reshape(20, 30)
    data.create_dataset("gzip", data=grid, chunks=(7, 11), compression="gzip", shuffle=True)
    data.create_dataset("checksum", data=grid[:4], chunks=(2, 30), fletcher32=True)
    data.create_dataset("lzf", data=grid, compression="lzf")
    data.create_dataset("big_endian", data=np.array([1, 256, -3], dtype=">i2"))
    data.create_dataset("unwritten", shape=(1 << 20, 64), dtype="f8", chunks=(64, 64))
    data.create_dataset("texts", data=["alpha", "", "größer"], dtype=h5py.string_dtype())
    data.create_dataset("bool", data=np.array([True, False]))
    data.create_dataset("complex", data=np.array([1 + 2j]))
    compact(data, "compact", np.array([3, 1, 2], dtype=np.uint8))

    links = file.create_group("links")
    links["soft"] = h5py.SoftLink("/data/compact")
    links["dangling"] = h5py.SoftLink("/nowhere")
    links["circle"] = h5py.SoftLink("/links/circle")
    links["external"] = h5py.ExternalLink("other.h5", "/secret")
    links["through"] = h5py.SoftLink("/links/external")
    links["self"] = links
