"""Starts a batch, waits for its end, and prints its result and the failed items.

fanjoin dev examples/from-python/sharing/counter.ts --token secret
FANJOIN_TOKEN=secret python3 examples/programs/submit.py http://127.0.0.1:4747
"""

import os
import sys
import time

import requests

API = sys.argv[1]
session = requests.Session()
session.headers["authorization"] = f"Bearer {os.environ['FANJOIN_TOKEN']}"


def call(method, path, body=None):
    response = session.request(method, API + path, json=body, timeout=30)
    if not response.ok:
        raise SystemExit(response.text)  # a code of docs/errors.md, and what to do
    return response


orders = [{"country": "Norway", "amount": "4.20"}, {"country": "Chile", "amount": "?"}]
batch = call("POST", "/jobs/orders/batches", {"input": {"items": orders}}).json()
while batch["endedAt"] is None:
    time.sleep(0.5)
    batch = call("GET", f"/batches/{batch['batch']}").json()
print(batch["state"], batch["items"]["succeeded"], "of", batch["items"]["total"])
print(call("GET", f"/batches/{batch['batch']}/result").json())
if batch["items"]["failed"]:
    print(call("GET", f"/batches/{batch['batch']}/failed").text, end="")
