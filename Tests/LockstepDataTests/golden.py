"""Writes GoldenFiles.swift: files made by NumPy and Python's gzip, and permutations from a Philox written here.

    python3 golden.py > GoldenFiles.swift        (made with NumPy 2.4.6, Python 3.11)
"""
import base64
import gzip
import io
import sys
import textwrap

import numpy as np


def npy(array, version=None):
    stream = io.BytesIO()
    np.lib.format.write_array(stream, array, version=version)
    return stream.getvalue()


def npz(compressed, **arrays):
    stream = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(stream, **arrays)
    return stream.getvalue()


ramp = np.arange(6).reshape(2, 3)
arrays = {
    # Read as float32: [[0, -1.5, 3], [-4.5, 6, -7.5]].
    **{f"float {t}": npy(np.array([[0, -1.5, 3], [-4.5, 6, -7.5]], t)) for t in ("<f2", ">f2", "<f4", ">f4", "<f8", ">f8")},
    # Read as int32: [-3, -2, -1, 0, 1, 2]; the unsigned as [0, 1, 2, 3, 4, 250].
    **{f"int {t}": npy((np.arange(6) - 3).astype(t)) for t in ("|i1", "<i2", ">i2", "<i4", ">i4", "<i8", ">i8")},
    **{f"unsigned {t}": npy(np.array([0, 1, 2, 3, 4, 250]).astype(t)) for t in ("|u1", "<u2", ">u2", "<u4", ">u4", "<u8", ">u8")},
    "bool": npy(np.array([True, False, True])),
    "scalar": npy(np.float32(2.5)[()] + np.zeros((), np.float32)),
    "empty": npy(np.zeros((0, 3), np.int32)),
    "version 2": npy(ramp.astype("<i4"), (2, 0)),
    "version 3": npy(ramp.astype("<i4"), (3, 0)),
    "fortran float32": npy(np.asfortranarray(np.arange(24, dtype="<f4").reshape(2, 3, 4))),
    "fortran uint8": npy(np.asfortranarray(np.arange(6, dtype="u1").reshape(2, 3))),
    "fortran >f8": npy(np.asfortranarray(np.arange(6, dtype=">f8").reshape(2, 3))),
    "int64 too large": npy(np.array([1, -(2**31), 2**31])),
    "float64 too large": npy(np.array([1.0, np.inf, np.nan, -1e39])),
    "object": npy(np.array([None, 1], dtype=object)),
    "unicode": npy(np.array(["ab", "c"])),
    "complex": npy(np.array([1j])),
    "structured": npy(np.zeros(2, [("a", "<f4"), ("b", "<i4")])),
    # What writing must give, byte for byte.
    "written float32": npy(np.array([[0.5, -1, 2], [3, 4, 1e-3]], np.float32)),
    "written int32": npy(np.array([7, -8], np.int32)),
    "written uint8": npy(np.array(9, np.uint8)),
    "written bool": npy(np.array([[True], [False]])),
}
archives = {
    stem: npz(compressed, x=ramp.astype("<f4"), y=np.array([3, 1, 2], "<i8"), **{"a/b": np.zeros((0,), "u1")})
    for stem, compressed in (("stored", False), ("deflated", True))
}
archives["object"] = npz(False, x=np.zeros(1), o=np.array([None], dtype=object))

idx = bytes([0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 10, 20, 30, 40, 50, 60])
streams = {
    "one member": gzip.compress(idx, mtime=0),
    # Cut in the header; the last member is shorter than the first.
    "three members": gzip.compress(idx[:10], mtime=0) + gzip.compress(b"", mtime=0) + gzip.compress(idx[10:], mtime=0),
    # Far larger than its last member claims.
    "growing": gzip.compress(bytes([0, 0, 8, 1, 0, 1, 0x86, 0xA1]) + bytes(100_000), mtime=0) + gzip.compress(b"\7", mtime=0),
    # Zeros behind headers that claim one byte, terabytes, nothing that is known; each without its end.
    "claims few": gzip.compress(bytes([0, 0, 8, 1, 0, 0, 0, 1]) + bytes(1 << 16), mtime=0)[:-20],
    "claims many": gzip.compress(bytes([0, 0, 8, 2, 0, 255, 0, 0, 0, 255, 0, 0]) + bytes(1 << 16), mtime=0)[:-20],
    "no IDX": gzip.compress(bytes(1 << 16), mtime=0)[:-20],
}

MASK = 0xFFFFFFFF


def philox(key, stream, count):
    """Philox4x32-10 as Salmon et al. (2011) define it; lane e % 4 of block e // 4."""
    words = []
    for block in range((count + 3) // 4):
        c = [block & MASK, block >> 32, stream & MASK, stream >> 32]
        k = [key & MASK, key >> 32]
        for _ in range(10):
            p, q = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
            c = [(q >> 32) ^ c[1] ^ k[0], q & MASK, (p >> 32) ^ c[3] ^ k[1], p & MASK]
            k = [(k[0] + 0x9E3779B9) & MASK, (k[1] + 0xBB67AE85) & MASK]
        words += c
    return words[:count]


# The known answer of the Random123 distribution for an all-zero counter and key.
assert philox(0, 0, 4) == [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]


def key(purpose, seed):
    """`Random.key`: FNV-1a over the purpose, mixed with the seed as SplitMix64 does."""
    m64 = (1 << 64) - 1
    h = 0xCBF29CE484222325
    for byte in purpose.encode():
        h = ((h ^ byte) * 0x100000001B3) & m64
    z = (h + (seed + 1) * 0x9E3779B97F4A7C15) & m64
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & m64
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & m64
    return z ^ (z >> 31)


def permutation(n, seed, epoch):
    draws = iter(philox(key("shuffle", seed), epoch, 4 * n + 64))
    order = list(range(n))
    for last in range(n - 1, 0, -1):
        bound = last + 1
        threshold = 2**32 % bound
        product = next(draws) * bound
        while product & MASK < threshold:
            product = next(draws) * bound
        other = product >> 32
        order[last], order[other] = order[other], order[last]
    return order


def table(name, files):
    print(f"    static let {name}: [String: String] = [")
    for label, content in files.items():
        lines = textwrap.wrap(base64.b64encode(content).decode(), 104)
        print(f'        "{label}": """')
        for line in lines:
            print(f"            {line}")
        print('            """,')
    print("    ]")


print("// Made by golden.py; do not edit.")
print(f"// NumPy {np.__version__}, Python {sys.version.split()[0]}.")
print()
print("/// Files as base64, and permutations, from implementations other than ours.")
print("enum GoldenFiles {")
table("npy", arrays)
print()
table("npz", archives)
print()
table("gzip", streams)
print()
print("    /// (samples, seed, epoch) and the order; of long ones the first twelve places.")
print("    static let shuffles: [(count: Int, seed: Int, epoch: Int, first: [Int32])] = [")
for n, seed, epoch in ((10, 0, 0), (10, 0, 1), (10, 1, 0), (11, 7, 123), (5000, 3, 2), (60000, 1, 4)):
    print(f"        ({n}, {seed}, {epoch}, {permutation(n, seed, epoch)[:12]}),")
print("    ]")
print("}")
