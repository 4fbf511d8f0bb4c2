"""A dictionary of counters that threads change behind a `Lock`.

python3 examples/from-python/sharing/counter.py examples/from-python/data/orders.csv
"""

import csv
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

lock = Lock()
totals = {}


def add(row):
    cents = round(float(row["amount"]) * 100)
    with lock:
        total = totals.setdefault(row["country"], {"orders": 0, "cents": 0})
        total["orders"] += 1
        total["cents"] += cents


with open(sys.argv[1], newline="") as file, ThreadPoolExecutor() as executor:
    list(executor.map(add, csv.DictReader(file)))
print(json.dumps(totals))
