"""Reads the text formats with what Python brings, and counts in them: JSON on stdout."""

import csv
import json
import re
import sys

FTRACE = re.compile(r"^\s*(?P<task>.+)-(?P<pid>\d+)\s+\[(?P<cpu>\d{3})\] (?P<flags>\S{5}) "
                    r"(?P<s>\d+)\.(?P<ns>\d{9}): (?P<name>\w+): (?P<fields>.*)$")
EXIT = re.compile(r"^vcpu (\d+) reason (\w+) rip 0x([0-9a-f]+) info1 0x[0-9a-f]{16} info2 0x[0-9a-f]{16} "
                  r"intr_info 0x[0-9a-f]{8} error_code 0x[0-9a-f]{8}$")


def chrome(path):
    with open(path) as file:
        events = json.load(file)["traceEvents"]
    exits, flows, ends, threads = {}, {}, {}, {}
    for e in events:
        if e["ph"] == "M" and e["name"] == "thread_name":
            threads[e["tid"]] = e["args"]["name"]
            continue
        assert e["ph"] == "M" or e["tid"] in threads, f"on a row without a name: {e}"
        assert e["pid"] == 1 and (e["ph"] == "M" or e["ts"] >= 0), e
        if e["ph"] == "X" and e["cat"] == "host":
            exits[e["name"]] = exits.get(e["name"], 0) + 1
        if e["ph"] == "X":
            assert e["ts"] >= ends.get(e["tid"], 0) - 1e-6, f"slices overlap: {e}"
            ends[e["tid"]] = e["ts"] + e["dur"]
        if e["ph"] in "stf":
            flows.setdefault(e["id"], []).append(e["ph"])
    for id, phases in flows.items():
        assert phases[0] == "s" and "s" not in phases[1:] and "f" not in phases[:-1], (id, phases)
    return {"exits": exits, "ended": sum(1 for p in flows.values() if p[-1] == "f"),
            "threads": list(threads.values())}


def ftrace(path):
    exits, rips, last, cpus = {}, [], 0, {}
    with open(path) as file:
        for line in file:
            if line.startswith("#"):
                continue
            event = FTRACE.match(line)
            assert event, f"no line of ftrace's: {line!r}"
            time = int(event["s"]) * 10**9 + int(event["ns"])
            assert time >= last, line
            last = time
            cpus[event["cpu"]] = cpus.get(event["cpu"], 0) + 1
            if event["name"] == "kvm_exit":
                fields = EXIT.match(event["fields"])
                assert fields, f"no kvm_exit: {line!r}"
                exits[fields[2]] = exits.get(fields[2], 0) + 1
                rips.append(int(fields[3], 16))
    return {"exits": exits, "rips": rips, "cpus": cpus}


def stacks(path):
    total = {}
    with open(path) as file:
        for line in file:
            frames, count = line.rsplit(" ", 1)
            mode, symbol = frames.split(";")
            assert symbol, line
            total[mode] = total.get(mode, 0) + int(count)
    return total


def perf_kvm(as_json, as_csv):
    with open(as_json) as file:
        table = json.load(file)
    with open(as_csv, newline="") as file:
        rows = list(csv.DictReader(file))
    return {"json": table, "csv": rows}


def main(folder):
    print(json.dumps({
        "chrome": chrome(f"{folder}/run.json"),
        "ftrace": ftrace(f"{folder}/run.txt"),
        "stacks": stacks(f"{folder}/run.folded"),
        "perf_kvm": perf_kvm(f"{folder}/kvm.json", f"{folder}/kvm.csv"),
    }))


main(sys.argv[1])
