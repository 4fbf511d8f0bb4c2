"""Lithops on this machine: `FunctionExecutor.map`."""

import sys
from contextlib import contextmanager

import lithops
import work


class Lithops:
    def __init__(self, executor):
        self.executor = executor

    def map(self, name, numbers):
        return self.executor.get_result(self.executor.map(getattr(work, name), list(numbers)))

    def each(self, name, numbers, limit):
        futures = self.executor.map(getattr(work, name), list(numbers), timeout=int(limit))
        self.executor.wait(futures, throw_except=False)
        return [result(future) for future in futures]


def result(future):
    try:
        return future.result(throw_except=True)
    except Exception as error:  # noqa: BLE001
        return error


@contextmanager
def opened(settings):
    config = {
        "lithops": {"backend": "localhost", "storage": "localhost", "telemetry": False},
        # The older of its two ways: the newer one starts an interpreter for every task.
        "localhost": {"version": 1, "runtime": sys.executable, "worker_processes": settings["workers"]},
    }
    with lithops.FunctionExecutor(config=config, log_level="ERROR") as executor:
        yield Lithops(executor)
