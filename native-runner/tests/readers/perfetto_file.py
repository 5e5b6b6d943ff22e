"""Reads a trace with Perfetto's own schema, and counts in it: JSON on stdout."""

import json
import sys

from google.protobuf.unknown_fields import UnknownFieldSet
from perfetto.protos.perfetto.trace.perfetto_trace_pb2 import Trace, TrackEvent

BEGIN, END, INSTANT, COUNTER = (
    TrackEvent.TYPE_SLICE_BEGIN,
    TrackEvent.TYPE_SLICE_END,
    TrackEvent.TYPE_INSTANT,
    TrackEvent.TYPE_COUNTER,
)
DEVICE = 3


def values(event):
    """The event's annotations by name."""
    return {a.name: getattr(a, a.WhichOneof("value")) for a in event.debug_annotations}


def main(path):
    trace = Trace()
    with open(path, "rb") as file:
        trace.ParseFromString(file.read())
    tracks, open_slices = {}, {}
    exits, rips, counters, instants = {}, [], {}, {}
    begun, longest, latency = {}, 0, 0
    raised, flows, on_track = {}, 0, {}
    # As trace_processor does: by time, those of one time as they come.
    for packet in sorted(trace.packet, key=lambda p: p.timestamp):
        assert not len(UnknownFieldSet(packet)), f"fields that the schema does not have: {packet}"
        if packet.HasField("track_descriptor"):
            tracks[packet.track_descriptor.uuid] = packet.track_descriptor
        if not packet.HasField("track_event"):
            continue
        event, time = packet.track_event, packet.timestamp
        assert not len(UnknownFieldSet(event)), f"fields that the schema does not have: {event}"
        uuid = event.track_uuid
        assert uuid in tracks, f"event on track {uuid}, which is not described"
        track = tracks[uuid].name
        if event.type == COUNTER:
            counters.setdefault(track, []).append(event.counter_value)
            continue
        if event.type == BEGIN:
            open_slices[uuid] = open_slices.get(uuid, 0) + 1
            assert open_slices[uuid] == 1, f"{track}: slices overlap"
            if "vm_exit" in event.categories:
                exits[event.name] = exits.get(event.name, 0) + 1
                rips.append(values(event).get("guest rip"))
        elif event.type == END:
            open_slices[uuid] -= 1
        elif event.type == INSTANT:
            instants[event.name] = instants.get(event.name, 0) + 1
            on_track[track] = on_track.get(track, 0) + 1
        for flow in list(event.flow_ids) + list(event.terminating_flow_ids):
            begun.setdefault(flow, time)
        for flow in event.terminating_flow_ids:
            longest = max(longest, time - begun[flow])
            flows += 1
            begun[flow] = time
        if event.name == "raised" and values(event)["a"] >> 32 == DEVICE:
            raised[event.flow_ids[0]] = time
        if event.name == "acknowledged" and event.flow_ids and event.flow_ids[0] in raised:
            latency = max(latency, time - raised.pop(event.flow_ids[0]))
    assert not any(open_slices.values()), f"slices stay open: {open_slices}"
    print(json.dumps({
        "tracks": [t.name for t in tracks.values()],
        "on_track": on_track,
        "exits": exits,
        "rips": rips,
        "instants": instants,
        "ended": flows,
        "longest_ns": longest,
        "device_latency_ns": latency,
        "counters": {name: sum(v) for name, v in counters.items()},
    }))


main(sys.argv[1])
