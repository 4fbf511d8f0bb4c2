"""Sends the chord and waits for the callback.

    python freight.py orders.csv
"""
import csv
import json
import sys

from celery import chord

from tasks import freight, total

with open(sys.argv[1], newline="") as file:
    orders = list(csv.DictReader(file))

result = chord(freight.s(order) for order in orders)(total.s())
print(json.dumps(result.get(timeout=60), sort_keys=True))
