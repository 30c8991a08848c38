"""What TensorBoard's own reader finds in a folder, as JSON."""

import json
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

events = EventAccumulator(sys.argv[1], size_guidance={"scalars": 0, "histograms": 0, "images": 0})
events.Reload()
found = {"scalars": {}, "histograms": {}, "images": {}}
for tag in events.Tags()["scalars"]:
    found["scalars"][tag] = [[event.step, event.value] for event in events.Scalars(tag)]
for tag in events.Tags()["histograms"]:
    found["histograms"][tag] = [
        [event.step, value.min, value.max, value.num, value.sum, value.sum_squares, sum(value.bucket),
         value.bucket_limit[-1]]
        for event in events.Histograms(tag) for value in [event.histogram_value]]
for tag in events.Tags()["images"]:
    found["images"][tag] = [
        [event.step, event.height, event.width, len(event.encoded_image_string)]
        for event in events.Images(tag)]
json.dump(found, sys.stdout)
