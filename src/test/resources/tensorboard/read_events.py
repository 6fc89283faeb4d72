"""Prints the scalars of a folder of event files, as TensorBoard reads them: python read_events.py FOLDER (needs tensorboard)."""
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

accumulator = EventAccumulator(sys.argv[1])
accumulator.Reload()
for tag in sorted(accumulator.Tags()["scalars"]):
    for event in accumulator.Scalars(tag):
        print(tag, event.step, event.value)
