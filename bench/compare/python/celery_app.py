"""The Celery application of the comparison, for its worker and for its caller."""

import os

import work
from celery import Celery

SOCKET = os.path.join(work.DIRECTORY, "redis.sock")
app = Celery(broker=f"redis+socket://{SOCKET}", backend=f"redis+socket://{SOCKET}?virtual_host=1")
app.conf.broker_connection_retry_on_startup = True


@app.task
def call(name, n):
    return getattr(work, name)(n)


@app.task
def listed(values):
    return values
