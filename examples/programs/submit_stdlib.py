"""Does what submit.py does, with nothing but Python.

fanjoin dev examples/from-python/sharing/counter.ts --token secret
FANJOIN_TOKEN=secret python3 examples/programs/submit_stdlib.py http://127.0.0.1:4747
"""

import json
import os
import sys
import time
from urllib.error import HTTPError
from urllib.request import Request, urlopen

API = sys.argv[1]


def call(method, path, body=None):
    headers = {"authorization": f"Bearer {os.environ['FANJOIN_TOKEN']}", "content-type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    try:
        with urlopen(Request(API + path, data, headers, method=method), timeout=30) as response:
            return response.read().decode()
    except HTTPError as error:
        raise SystemExit(error.read().decode()) from error


orders = [{"country": "Norway", "amount": "4.20"}, {"country": "Chile", "amount": "?"}]
batch = json.loads(call("POST", "/jobs/orders/batches", {"input": {"items": orders}}))
while batch["endedAt"] is None:
    time.sleep(0.5)
    batch = json.loads(call("GET", f"/batches/{batch['batch']}"))
print(batch["state"], batch["items"]["succeeded"], "of", batch["items"]["total"])
print(json.loads(call("GET", f"/batches/{batch['batch']}/result")))
if batch["items"]["failed"]:
    print(call("GET", f"/batches/{batch['batch']}/failed"), end="")
