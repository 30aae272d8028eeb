"""Prints as JSON what TensorBoard's own reader finds in the runs of a log directory: read_events.py DIRECTORY"""
import base64
import json
import os
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.util import tensor_util

runs = {}
for folder, _, files in sorted(os.walk(sys.argv[1])):
    if not any("tfevents" in name for name in files):
        continue
    events = EventAccumulator(folder, size_guidance={"tensors": 0})
    events.Reload()
    found = []
    for tag in events.Tags()["tensors"]:
        plugin = events.SummaryMetadata(tag).plugin_data
        for event in events.Tensors(tag):
            value = tensor_util.make_ndarray(event.tensor_proto)
            entry = {
                "tag": tag, "step": int(event.step), "time": event.wall_time, "plugin": plugin.plugin_name, "shape": list(value.shape),
                "content": base64.b64encode(plugin.content).decode()}
            if value.dtype.kind == "f":
                entry["values"] = [float(v) if abs(v) < float("inf") else str(v) for v in value.ravel()]
            else:
                entry["texts"] = [base64.b64encode(v).decode() for v in value.ravel()]
            if plugin.plugin_name == "hparams":
                from tensorboard.plugins.hparams import metadata
                entry["hparams"] = str(metadata.parse_session_start_info_plugin_data(plugin.content)) if "start" in tag else str(
                    metadata.parse_session_end_info_plugin_data(plugin.content))
            found.append(entry)
    runs[os.path.relpath(folder, sys.argv[1])] = found
print(json.dumps(runs))
