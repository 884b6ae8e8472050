"""Draws docs/bench/speed.svg from what `cargo xtask bench` measured: plot.py RESULTS PLOT."""

import json
import sys

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt

# Text as text, and the same names in the file each time.
matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "curlback", "font.size": 9})

# The rows of which curlback's figure is shown as a part of libcurl's, with libcurl's label and curlback's.
RATIOS = [
    ("download", "libcurl", "curlback"),
    ("three-callbacks", "libcurl", "curlback"),
    ("small-gets", "libcurl", "curlback"),
    ("handles", "libcurl", "curlback"),
    ("upload", "libcurl", "curlback"),
    ("load-2000", "epoll + socket_action", "curlback run"),
    ("load-5000", "epoll + socket_action", "curlback run"),
]
TIMES = ["1GiB-time", "small-gets-time"]


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        rows = {row["name"]: row for row in json.load(file)["rows"]}
    figures = {
        name: {figure["label"]: figure["value"] for figure in row["figures"]}
        for name, row in rows.items()
    }
    plot, (ratios, *times) = plt.subplots(3, 1, figsize=(8, 9), height_ratios=[7, 7, 6])

    known = [row for row in RATIOS if row[0] in rows]
    values = [figures[name][own] / figures[name][base] for name, base, own in known]
    bars = ratios.barh([rows[name]["title"] for name, _, _ in known], values, color="#4477aa")
    ratios.bar_label(bars, fmt="%.3f", label_type="center", color="white")
    for place, (name, _, _) in enumerate(known):
        limit = rows[name]["bars"][0]["at_most"]
        ratios.vlines(limit, place - 0.4, place + 0.4, color="#cc3311")
    ratios.axvline(1, color="black", linewidth=0.8)
    ratios.set_xlim(0, 1.3)
    ratios.set_title("curlback's instructions by libcurl's; red: the bar")
    ratios.invert_yaxis()

    for axes, name in zip(times, TIMES):
        bars = axes.barh(list(figures[name]), list(figures[name].values()), color="#228833")
        axes.bar_label(bars, fmt="%.0f", padding=3)
        axes.margins(x=0.12)
        axes.set_title(f"{rows[name]['title']}: CPU time in milliseconds")
        axes.invert_yaxis()

    for axes in (ratios, *times):
        axes.spines[["top", "right"]].set_visible(False)
    plot.tight_layout()
    plot.savefig(sys.argv[2], metadata={"Date": None})


main()
