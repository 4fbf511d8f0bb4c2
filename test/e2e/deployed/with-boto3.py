"""Uses a deployed fanjoin from Python with only boto3: an upload that starts a batch, and the HTTP API.

Usage: with-boto3.py API_URL BUCKET FOLDER < a file of sales. Prints the outcome of the submitted batch as JSON.
"""

import json
import sys
import time
import urllib.request

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest

api, bucket, folder = sys.argv[1:]
text = sys.stdin.buffer.read()
session = boto3.Session()
PATIENCE_SECONDS = 120


def call(method, path, body=None):
    data = None if body is None else json.dumps(body)
    headers = {} if data is None else {"content-type": "application/json"}
    request = AWSRequest(method=method, url=api + path, data=data, headers=headers)
    SigV4Auth(session.get_credentials(), "execute-api", session.region_name).add_auth(request)
    signed = urllib.request.Request(
        request.url, method=method, data=data and data.encode(), headers=dict(request.headers)
    )
    with urllib.request.urlopen(signed) as response:
        return response.read()


def batches():
    return {one["batch"] for one in json.loads(call("GET", "/batches?job=sales"))["batches"]}


def ended(batch):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        summary = json.loads(call("GET", f"/batches/{batch}"))
        if summary["endedAt"]:
            return summary
        time.sleep(0.5)
    raise TimeoutError(batch)


boto3.client("s3").put_object(Bucket=bucket, Key=f"uploads/sales/{folder}/sales.csv", Body=text)
boto3.client("s3").put_object(Bucket=bucket, Key=f"inputs/{folder}/sales.csv", Body=text)
body = {"input": {"object": f"s3://{bucket}/inputs/{folder}/sales.csv"}}
submitted = json.loads(call("POST", "/jobs/sales/batches", body))["batch"]
summary = ended(submitted)
result = json.loads(call("GET", f"/batches/{submitted}/result"))
print(json.dumps({"submitted": submitted, "state": summary["state"], "result": result, "listed": submitted in batches()}))
