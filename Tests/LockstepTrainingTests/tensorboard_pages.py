"""Opens a log directory in TensorBoard, in a headless Chromium, and looks at its pages: tensorboard_pages.py DIRECTORY SCREENSHOTS

Prints as JSON what its server gives for graphs and hyper-parameters, the text of the page of time series, and by page how many colours
its picture has.
"""
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import zlib

logs, pictures = sys.argv[1:]
with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    port = probe.getsockname()[1]
server = subprocess.Popen(
    [sys.executable, "-m", "tensorboard.main", "--logdir", logs, "--host", "127.0.0.1", "--port", str(port), "--load_fast", "false"],
    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
address = f"http://127.0.0.1:{port}"


def get(path, body=None):
    request = urllib.request.Request(f"{address}/data/plugin/{path}", body and json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as response:
        return response.read().decode()


def wait(ready):
    for _ in range(240):
        try:
            if ready():
                return
        except OSError:
            pass
        time.sleep(0.25)
    raise SystemExit(f"TensorBoard does not come up at {address}")


def browse(page, *options):
    with tempfile.TemporaryDirectory() as profile:
        return subprocess.run(
            ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}", "--window-size=1300,900",
             "--virtual-time-budget=10000", *options, f"{address}/?darkMode=false#{page}"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=90).stdout.decode()


def differences(path):
    """How many of a picture's bytes, filtered row by row, are not zero: there is nothing to see on a page with few."""
    data, place, pixels = open(path, "rb").read(), 8, b""
    while place < len(data):
        length = int.from_bytes(data[place:place + 4], "big")
        if data[place + 4:place + 8] == b"IDAT":
            pixels += data[place + 8:place + 8 + length]
        place += 12 + length
    return sum(byte != 0 for byte in zlib.decompress(pixels))


try:
    wait(lambda: "train" in get("scalars/tags") and "train" in get("graphs/info"))
    found = {
        "graph": get("graphs/graph?run=train"),
        "conceptual": get("graphs/graph?run=train&tag=keras&conceptual=true"),
        "hparams": get("hparams/experiment", {"experimentName": ""}),
        "timeseries": browse("timeseries", "--dump-dom"),
        "seen": {},
    }
    os.makedirs(pictures, exist_ok=True)
    for page in ["scalars", "graphs", "histograms", "distributions", "images", "hparams", "nothing"]:
        browse(page, f"--screenshot={pictures}/{page}.png")
        found["seen"][page] = differences(f"{pictures}/{page}.png")
    print(json.dumps(found))
finally:
    server.kill()
