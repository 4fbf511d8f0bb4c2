"""`chord`: a group with a callback, which gets the list of the results.

The worker is a thread of this program, and the broker is its memory. Elsewhere a broker and workers run.

python3 examples/from-python/celery/chord.py
"""

import json

from celery import Celery, chord
from celery.contrib.testing.worker import start_worker

app = Celery("squares", broker="memory://", backend="cache+memory://")


@app.task
def square(n):
    return n * n


@app.task
def report(squares):
    return {"total": sum(squares), "largest": max(squares)}


if __name__ == "__main__":
    with start_worker(app, perform_ping_check=False, pool="threads", concurrency=2):
        result = chord(square.s(n) for n in range(10))(report.s())
        print(json.dumps(result.get(timeout=60)))
