"""`group`: a task for each value, the results in the order of the values.

The worker is a thread of this program, and the broker is its memory. Elsewhere a broker and workers run.

python3 examples/from-python/celery/group.py
"""

from celery import Celery, group
from celery.contrib.testing.worker import start_worker

app = Celery("squares", broker="memory://", backend="cache+memory://")


@app.task
def square(n):
    return n * n


if __name__ == "__main__":
    with start_worker(app, perform_ping_check=False, pool="threads", concurrency=2):
        for value in group(square.s(n) for n in range(10))().get(timeout=60):
            print(value)
