"""Reads a waveform file with vcdvcd, and counts edges in it: JSON on stdout."""

import json
import sys

from vcdvcd import VCDVCD


def edges(signal, to):
    """How often the signal turns to a value."""
    return sum(1 for (_, a), (_, b) in zip(signal.tv, signal.tv[1:]) if a != b and b == to)


def agree(names, cpu):
    """Holds INTR and the vector in service of one processor to its IRR and ISR; how many times were looked at."""
    of = {name: s for name, s in names.items() if name.startswith(f"{cpu}.")}
    bits = {kind: [s for name, s in of.items() if f".{kind}." in name] for kind in ("irr", "isr")}
    intr = of[f"{cpu}.intr"]
    served = next(s for name, s in of.items() if ".vector_in_service" in name)
    times = sorted({t for s in bits["irr"] + bits["isr"] for t, _ in s.tv})
    for time in times[:400]:
        expected = "1" if any(s[time] == "1" for s in bits["irr"]) else "0"
        assert intr[time] == expected, f"INTR at {time} is {intr[time]}, IRR says {expected}"
        highest = max((int(name[-2:], 16) for name, s in of.items()
                       if ".isr." in name and s[time] == "1"), default=0)
        assert int(served[time], 2) == highest, f"in service at {time}: {served[time]}, ISR says {highest:#x}"
    return len(times)


def in_order(path):
    """Times only grow in the file."""
    last = -1
    with open(path) as file:
        for line in file:
            if line.startswith("#"):
                assert int(line[1:]) > last, f"{line.strip()} after #{last}"
                last = int(line[1:])


def main(path):
    in_order(path)
    vcd = VCDVCD(path)
    names = {name: vcd[name] for name in vcd.signals}
    cpus = sorted({name.split(".")[0] for name in names} - {"wire"})
    bits = {kind: [s for name, s in names.items() if f".{kind}." in name] for kind in ("irr", "isr")}
    print(json.dumps({
        "timescale": str(vcd.timescale["timescale"]),
        "end": vcd.endtime,
        "cpus": cpus,
        "left": edges(names["cpu0.in_guest"], "0"),
        "pended": sum(edges(s, "1") for s in bits["irr"]),
        "acknowledged": sum(edges(s, "1") for s in bits["isr"]),
        "packets": [len(names[f"wire.packet_{way}"].tv) - 1 for way in ("received", "sent")],
        "checked": sum(agree(names, cpu) for cpu in cpus),
    }))


main(sys.argv[1])
