"""`autoretry_for`, `max_retries`: errors of this class are tried again, others are not.

The worker is a thread of this program, and the broker is its memory. Elsewhere a broker and workers run.

python3 examples/from-python/celery/retry.py
"""

import json
import sys

from celery import Celery, group
from celery.contrib.testing.worker import start_worker

app = Celery("retry", broker="memory://", backend="cache+memory://")


class Busy(Exception):
    pass


@app.task(bind=True, autoretry_for=(Busy,), max_retries=3, default_retry_delay=0)
def work(self, n):
    if n == 2:
        raise ValueError("never")
    if self.request.retries < 2:
        raise Busy("later")
    return n, self.request.retries + 1


if __name__ == "__main__":
    with start_worker(app, perform_ping_check=False, pool="threads", concurrency=2):
        for result in group(work.s(n) for n in range(4))().results:
            value = result.get(timeout=60, propagate=False)
            print(json.dumps(value, default=str), file=sys.stdout if result.successful() else sys.stderr)
