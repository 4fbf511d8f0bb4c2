"""Celery, a group or a chord, with a Redis and a worker of its own."""

import os
import subprocess
import sys
import time
from contextlib import contextmanager

import work
from celery import chord, group
from celery.result import GroupResult
from celery_app import SOCKET, app, call, listed

SAVED = os.path.join(work.DIRECTORY, "group-id")


class Celery:
    def __init__(self, settings):
        self.is_chord = settings["kind"] == "chord"
        self.is_again = settings["again"]

    def begun(self, name, numbers, limit):
        if self.is_again and name == "trial" and os.path.exists(SAVED):
            with open(SAVED) as stream:
                return GroupResult.restore(stream.read(), app=app)
        options = {} if limit is None else {"time_limit": limit}
        tasks = [call.s(name, n).set(**options) for n in numbers]
        result = chord(tasks)(listed.s()) if self.is_chord else group(tasks)()
        if name == "trial":
            # A caller that was killed finds its group, or the header of its chord, again.
            saved = result.parent if self.is_chord else result
            saved.save()
            with open(SAVED, "w") as stream:
                stream.write(saved.id)
        return result

    def map(self, name, numbers):
        return self.begun(name, numbers, None).get()

    def each(self, name, numbers, limit):
        result = self.begun(name, numbers, limit)
        values = result.get(propagate=False)
        # Of a chord that failed: the values of its header.
        return values if isinstance(values, list) else result.parent.get(propagate=False)


def start(settings):
    """Detached: they are services, and end with the comparison."""
    redis = ["redis-server", "--port", "0", "--unixsocket", SOCKET, "--save", "", "--dir", work.DIRECTORY]
    redis = subprocess.Popen(redis, stdout=subprocess.DEVNULL)
    while not os.path.exists(SOCKET):
        time.sleep(0.01)
    worker = [sys.executable, "-m", "celery", "-A", "celery_app", "worker", "--loglevel", "CRITICAL"]
    worker += ["--pool", settings["pool"], "--concurrency", str(settings["workers"])]
    worker += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    return [subprocess.Popen(worker, stdout=subprocess.DEVNULL), redis]


@contextmanager
def opened(settings):
    services = [] if settings["again"] and os.path.exists(SOCKET) else start(settings)
    call.delay("noop", 0).get(timeout=60)
    yield Celery(settings)
    for service in services:
        service.kill()
        service.wait()
