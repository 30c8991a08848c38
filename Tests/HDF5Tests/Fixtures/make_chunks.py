"""Writes chunks.h5 and chunks-earliest.h5, files with every index of chunks, large groups and many attributes.

Run: python3 Tests/HDF5Tests/Fixtures/make_chunks.py
The committed file was written with h5py 3.14.0 (HDF5 1.14.6) and numpy 2.4.6. Element number i of every
dataset is i modulo 251, but for those that were never written.
"""

import pathlib

import h5py
import numpy as np

PATH = pathlib.Path(__file__).with_name("chunks.h5")


def values(shape, dtype):
    return (np.arange(np.prod(shape)) % 251).reshape(shape).astype(dtype)


def early(group, name, shape, chunks):
    """A dataset whose chunks lie one after the other."""
    properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    properties.set_chunk(chunks)
    properties.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
    space = h5py.h5s.create_simple(shape)
    data = values(shape, "u1")
    h5py.h5d.create(
        group.id, name.encode(), h5py.h5t.py_create(data.dtype), space, properties
    ).write(h5py.h5s.ALL, h5py.h5s.ALL, data)


def fill(group):
    def add(name, shape, dtype="u1", **options):
        group.create_dataset(name, data=values(shape, dtype), **options)

    add("single", (5, 7), "<i4", chunks=(5, 7))
    add("single gzip", (5, 7), "<i4", chunks=(5, 7), compression="gzip", shuffle=True)
    early(group, "implicit", (5, 7), (2, 3))
    add("fixed", (5, 7), ">f4", chunks=(2, 3))
    add("fixed gzip", (5, 7), "<f8", chunks=(2, 3), compression="gzip", fletcher32=True)
    add("fixed paged", (1100,), chunks=(1,))
    add("growing", (9, 7), "<u2", chunks=(2, 3), maxshape=(None, 7))
    add("growing in breadth", (5, 9), chunks=(2, 3), maxshape=(5, None), compression="gzip")
    add("growing far", (700,), chunks=(1,), maxshape=(None,))
    add("records", (9, 7), "<i2", chunks=(2, 3), maxshape=(None, None))
    add("records gzip", (12, 40), chunks=(2, 2), maxshape=(None, None), compression="gzip")
    add("deep", (3, 4, 5, 6), chunks=(2, 2, 5, 6), compression="gzip")
    part = group.create_dataset("part", shape=(6, 6), dtype="<i2", chunks=(2, 2), fillvalue=-7)
    part[2:4, 2:4] = 5
    large = group.create_group("large")
    for index in range(40):
        large[f"member number {index}"] = np.uint8(index)
    noted = group.create_group("noted")
    for index in range(20):
        noted.attrs[f"note number {index}"] = np.int32(index)
    noted.attrs["long"] = np.bytes_(b"x" * 70000) if group.name == "/latest" else b"x"
    committed = np.dtype("<i4")
    group["type"] = committed
    group.create_dataset("of the type", data=values((3, 3), "i4"), dtype=group["type"], chunks=(2, 2))


for name, version in [("latest", "latest"), ("earliest", "earliest")]:
    path = PATH if name == "latest" else PATH.with_name("chunks-earliest.h5")
    with h5py.File(path, "w", libver=version) as file:
        fill(file.create_group(name))
