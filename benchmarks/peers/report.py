#!/usr/bin/env python3
"""Prints a table of the lines that openai_client.py or train.py wrote, read from standard input: for each figure the median over the rounds, and
the median of the ratios within each round, which the drift of the machine touches least."""
import json
import statistics
import sys

NOTES = {"time", "peer", "checkpoint", "cores", "model", "repeat", "output", "others", "round", "machine", "run"}


def main():
    lines = [json.loads(line) for line in sys.stdin if line.strip()]
    if not lines:
        sys.exit("report.py: nothing was measured: no line came in")
    peers = list(dict.fromkeys(line["peer"] for line in lines))
    ours = peers[0]
    print("| figure | " + " | ".join(peers) + " | " + " | ".join(f"{ours} : {peer}" for peer in peers[1:]) + " |")
    print("|---|" + "---:|" * (2 * len(peers) - 1))
    for figure in [name for name in dict.fromkeys(name for line in lines for name in line) if name not in NOTES]:
        values = {peer: {line["round"]: line[figure] for line in lines if line["peer"] == peer and figure in line} for peer in peers}
        cells = [f"{statistics.median(values[peer].values()):.1f}" if values[peer] else "" for peer in peers]
        for peer in peers[1:]:
            ratios = [values[ours][n] / values[peer][n] for n in values[ours].keys() & values[peer].keys() if values[peer][n]]
            cells.append(f"{statistics.median(ratios):.2f}" if ratios else "")
        print(f"| {figure} | " + " | ".join(cells) + " |")
    for peer in peers:
        print(f"{peer}: cores busy with something else, by round: " + ", ".join(str(line["others"]) for line in lines if line["peer"] == peer))


main()
