"""`ThreadPoolExecutor` and `ProcessPoolExecutor`."""

from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager

import work


class Executor:
    def __init__(self, executor):
        self.executor = executor

    def map(self, name, numbers):
        return list(self.executor.map(getattr(work, name), numbers))

    def each(self, name, numbers, limit):
        futures = [self.executor.submit(getattr(work, name), n) for n in numbers]
        results = []
        for future in futures:
            try:
                results.append(future.result(limit))
            except Exception as error:  # noqa: BLE001
                results.append(error)
        self.executor.shutdown(wait=False, cancel_futures=True)
        return results


@contextmanager
def opened(settings):
    kind = ThreadPoolExecutor if settings["kind"] == "threads" else ProcessPoolExecutor
    with kind(settings["workers"]) as executor:
        yield Executor(executor)
