"""The four queries in Bytewax over a file: FILE=<ndjson> ROWS=<file> python -m bytewax.run four_queries.py

A window gives its row when it closes; the operators have no update mode. Each group has a watermark of its own, and a record behind it counts in no
window, also in those that are still open. The clock of the machine is left out: it would move watermarks by itself.
"""

import json
import os
from datetime import datetime, timedelta, timezone

import orjson
from bytewax import operators as op
from bytewax.connectors.files import FileSource
from bytewax.dataflow import Dataflow
from bytewax.operators import windowing
from bytewax.outputs import DynamicSink, StatelessSinkPartition

EPOCH = datetime.fromtimestamp(0, timezone.utc)
CHICAGO_SUMMER = timedelta(hours=5)
DELAY = timedelta(seconds=10)
READ_LINES = 1000


def trip(line):
    """Event time; fare, tips and total in cents or None; area, location."""
    fields = orjson.loads(line)
    area = fields["pickup_community_area"]
    return (
        EPOCH + timedelta(milliseconds=fields["event_timestamp"]),
        cents(fields["fare"]),
        cents(fields["tips"]),
        cents(fields["trip_total"]),
        "null" if area is None else str(area),
        fields["pickup_centroid_location"] or "null",
    )


def cents(dollars):
    return None if dollars is None else round(dollars * 100)


def clock():
    return windowing.EventClock(
        lambda one: one[0],
        wait_for_system_duration=DELAY,
        now_getter=lambda: EPOCH,
        to_system_utc=lambda _: None,
    )


def add_trip(totals, one):
    """How many trips; then of fare, tips and total how many say it, and the sum in cents."""
    totals[0] += 1
    for place, amount in ((1, one[1]), (3, one[2]), (5, one[3])):
        if amount is not None:
            totals[place] += 1
            totals[place + 1] += amount
    return totals


def merge_totals(a, b):
    return [x + y for x, y in zip(a, b)]


def average(count, total_cents):
    """Rounded to six decimals and then to two, each time half away from zero."""
    if count == 0:
        return None
    six_decimals = (2 * total_cents * 10_000 + count) // (2 * count)
    return (2 * six_decimals + 10_000) // 20_000 / 100


def total(count, total_cents):
    return None if count == 0 else total_cents / 100


def sums(totals):
    return [total(*totals[1:3]), total(*totals[3:5]), total(*totals[5:7])]


def day_totals(totals):
    return [totals[0], total(*totals[1:3]), average(*totals[3:5]), average(*totals[5:7])]


def query(name, keyed, windower, start_of, new, add, merge, values):
    """A fold over windows whose rows are JSON-ready lists: name, window start in epoch ms, group, values."""
    folded = windowing.fold_window(name, keyed, clock(), windower, new, add, merge, ordered=False)

    def row(item):
        key, (window, folded_value) = item
        group = None if key in ("all", "null") else key
        return [name, start_of(window), group, *values(folded_value)]

    return op.map(f"{name}_row", folded.down, row)


def starts(step, align_to=EPOCH):
    step_ms, first_ms = step // timedelta(milliseconds=1), (align_to - EPOCH) // timedelta(milliseconds=1)
    return lambda window: first_ms + window * step_ms


def totals_query(name, keyed, size, align_to, values):
    windower = windowing.TumblingWindower(length=size, align_to=align_to)
    return query(
        name, keyed, windower, starts(size, align_to), lambda: [0] * 7, add_trip, merge_totals, values
    )


def hotspot_query(name, keyed):
    slide = timedelta(seconds=30)
    windower = windowing.SlidingWindower(length=timedelta(seconds=60), offset=slide, align_to=EPOCH)
    return query(
        name, keyed, windower, starts(slide), int, lambda count, _: count + 1, lambda a, b: a + b, lambda count: [count]
    )


class RowFile(DynamicSink):
    def build(self, step_id, worker_index, worker_count):
        return RowFilePart(os.environ["ROWS"])


class RowFilePart(StatelessSinkPartition):
    def __init__(self, path):
        self.file = open(path, "w")

    def write_batch(self, items):
        for row in items:
            self.file.write(json.dumps(row) + "\n")

    def close(self):
        self.file.close()


flow = Dataflow("four_queries")
trips = op.map("trip", op.input("file", flow, FileSource(os.environ["FILE"], batch_size=READ_LINES)), trip)
everything = op.key_on("all", trips, lambda _: "all")
rows = op.merge(
    "rows",
    totals_query("sumFareWindow", everything, timedelta(seconds=5), EPOCH, sums),
    totals_query("tripsTotal", everything, timedelta(days=1), EPOCH + CHICAGO_SUMMER, day_totals),
    hotspot_query("hotspotCommunityPickupWindow", op.key_on("area", trips, lambda one: one[4])),
    hotspot_query("hotspotWindow", op.key_on("location", trips, lambda one: one[5])),
)
op.output("row_file", rows, RowFile())
