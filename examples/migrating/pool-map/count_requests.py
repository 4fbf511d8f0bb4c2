"""How many requests, and how many bytes, had each status? One log file for each task.

    python count_requests.py logs/*.log
"""
import json
import re
import sys
from multiprocessing import Pool

REQUEST = re.compile(r'^(\S+) "(\w+) (\S+)" (\d{3}) (\d+)$')


def count(path):
    totals = {}
    with open(path) as lines:
        for line in lines:
            match = REQUEST.match(line.rstrip("\n"))
            if match is None:
                raise ValueError(f"{path}: not a request: {line!r}")
            status, size = match[4], int(match[5])
            entry = totals.setdefault(status, {"requests": 0, "bytes": 0})
            entry["requests"] += 1
            entry["bytes"] += size
    return totals


def merge(results):
    merged = {}
    for totals in results:
        for status, entry in totals.items():
            known = merged.setdefault(status, {"requests": 0, "bytes": 0})
            known["requests"] += entry["requests"]
            known["bytes"] += entry["bytes"]
    return merged


if __name__ == "__main__":
    with Pool() as pool:
        results = pool.map(count, sys.argv[1:], chunksize=1)
    print(json.dumps(merge(results), sort_keys=True))
