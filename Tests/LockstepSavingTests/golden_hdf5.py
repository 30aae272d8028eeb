"""Writes GoldenHDF5.swift: HDF5 files by h5py in the forms that its options give, and what h5py reads from them.

    python3 golden_hdf5.py > GoldenHDF5.swift && swift format -i GoldenHDF5.swift    (made with h5py 3.14.0, HDF5 1.14.6)
"""
import base64
import gzip
import io
import textwrap

import h5py
import numpy as np

random = np.random.default_rng(5)
plane = random.normal(size=(7, 10)).astype("float32")
cube = random.normal(size=(3, 5, 4)).astype("float32")


def fill(file):
    file.attrs["text"] = "größe"
    file.attrs["fixed"] = np.bytes_("ascii")
    file.attrs["names"] = ["dense", "", "dense_1"]  # of any length
    file.attrs["layer_names"] = np.array([b"conv", b"pool_12"])  # of one length, as Keras 2 has them
    file.attrs["number"] = 3
    types = file.create_group("types")
    for dtype in ("<f2", ">f2", "<f4", ">f4", "<f8", ">f8"):
        types.create_dataset(dtype, data=np.array([1.5, -2.25, np.inf], dtype))
    for dtype in ("i1", "u1", "<i2", ">i2", "<u4", ">i4", "<i8", ">u8"):
        types.create_dataset(dtype, data=np.array([1, 0, 100], dtype))
    types.create_dataset("negative", data=np.array([-1, -128], "i8"))
    types.create_dataset("large", data=np.array([1 << 40], "i8"))
    types.create_dataset("unsigned", data=np.array(np.iinfo("u8").max))
    types.create_dataset("double", data=np.array([1, 1e300]))
    types.create_dataset("text", data=["a", "b"])
    layouts = file.create_group("layouts")
    layouts.create_dataset("scalar", data=np.float32(2.5))
    layouts.create_dataset("null", data=h5py.Empty("f4"))
    layouts.create_dataset("empty", shape=(0, 3), dtype="f4")
    layouts.create_dataset("unwritten", shape=(2, 2), dtype="f4", fillvalue=0.5)
    layouts.create_dataset("unwritten_zeros", shape=(2,), dtype="f4")
    compact = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    compact.set_layout(h5py.h5d.COMPACT)
    data = h5py.h5d.create(layouts.id, b"compact", h5py.h5t.IEEE_F32LE, h5py.h5s.create_simple((2,)), compact)
    data.write(h5py.h5s.ALL, h5py.h5s.ALL, np.array([3, 4], "f4"))
    layouts.create_dataset("whole", data=plane, chunks=plane.shape, compression="gzip")
    links = file.create_group("links")
    links["soft"] = h5py.SoftLink("/types")
    links["external"] = h5py.ExternalLink("other.h5", "/types")
    links["own"] = links  # a group inside itself
    many = file.create_group("many")
    for index in range(100):
        many.create_group(f"layer_{index}")


def chunked(file):
    group = file.create_group("chunks")
    group.create_dataset("plain", data=plane, chunks=(3, 4))
    group.create_dataset("gzip", data=plane, chunks=(3, 4), compression="gzip")
    group.create_dataset("all", data=cube, chunks=(2, 2, 3), compression="gzip", shuffle=True, fletcher32=True)
    group.create_dataset("checksum", data=cube[0], chunks=(2, 2), fletcher32=True)
    group.create_dataset("bytes", data=np.arange(7, dtype="u1"), chunks=(3,), fletcher32=True)
    part = group.create_dataset("part", shape=(4, 4), chunks=(2, 2), dtype="f4", fillvalue=-1)
    part[2:, :2] = 7
    group.create_dataset("large_chunk", data=plane[:2, :3], chunks=(8, 8), maxshape=(None, None), compression="gzip")
    group.create_dataset("lzf", data=plane, chunks=(3, 4), compression="lzf")
    group.create_dataset("many", data=np.arange(300, dtype="i4"), chunks=(2,))


def few(file):
    """In the newest form groups of up to eight things have them in their headers."""
    file.attrs["text"] = "größe"
    file.attrs["names"] = ["dense", "", "dense_1"]
    group = file.create_group("layers/dense")
    group.create_dataset("plain", data=plane)
    group.create_dataset("whole", data=plane, chunks=plane.shape)
    group.create_dataset("whole_gzip", data=plane, chunks=plane.shape, compression="gzip", shuffle=True, fletcher32=True)
    group.create_dataset("unwritten", shape=(2, 2), dtype="f4", fillvalue=0.5)
    group.create_dataset("chunked", data=plane, chunks=(3, 4))
    group["soft"] = h5py.SoftLink("/types")
    group["external"] = h5py.ExternalLink("other.h5", "/types")


def dense(file, kernel=np.zeros((2, 2), "f4"), **options):
    """The weights of a model of one layer, Dense(2), for two inputs."""
    group = file.create_group("layers/dense/vars")
    group.create_dataset("0", data=kernel, **options)
    group["1"] = np.zeros(2, "f4")


def circle(file):
    dense(file)
    file["layers/zzz"] = file["layers"]


def twice(file):
    dense(file)
    file["layers/twice"] = file["layers/dense"]


def fan(file):
    """Each group has the next one under two names: 2^20 paths."""
    dense(file)
    group = file.create_group("layers/fan")
    for _ in range(20):
        inside = group.create_group("a")
        group["b"] = inside
        group = inside


def large_blocks(file):
    dense(file, chunks=(1, 1 << 22), maxshape=(None, None), compression="gzip")


def emit(name, doc, make, **options):
    stream = io.BytesIO()
    with h5py.File(stream, "w", **options) as file:
        make(file)
    text = base64.b64encode(gzip.compress(stream.getvalue(), mtime=0)).decode()
    text = textwrap.fill(text, 116, initial_indent=" " * 8, subsequent_indent=" " * 8)
    print(f'    /// {doc}\n    static let {name} = """\n{text}\n        """')


def floats(array):
    return "[" + ", ".join(str(x) for x in array.flatten()) + "]"


def both(file):
    fill(file)
    chunked(file)


print("// Made by golden_hdf5.py; do not edit.")
print(f"// h5py {h5py.__version__}, HDF5 {h5py.version.hdf5_version}.\n")
print("/// HDF5 files by h5py, gzipped, as base64.")
print("enum GoldenHDF5 {")
print(f"    /// Of shape (7, 10) and (3, 5, 4).\n    static let plane: [Float] = {floats(plane)}")
print(f"    static let cube: [Float] = {floats(cube)}")
emit("earliest", "The oldest form that can hold each thing, which is h5py's default.", both, libver="earliest")
emit("latest", "The newest form.", few, libver="latest")
emit("dense", "The newest form; groups of more than eight things are in fractal heaps.", fill, libver="latest")
emit("ordered", "Groups that keep the order in which things were made.", lambda file: file.create_group("a/b"), track_order=True)
emit("circle", "A group inside itself.", circle)
emit("twice", "A group under two names.", twice)
emit("fan", "Groups under two names in groups under two names.", fan)
emit("largeBlocks", "Four numbers in blocks of 16 MiB.", large_blocks)
print("}")
