"""`multiprocessing.Pool`."""

import multiprocessing
from contextlib import contextmanager

import work


class Pool:
    def __init__(self, pool):
        self.pool = pool

    def map(self, name, numbers):
        return self.pool.map(getattr(work, name), numbers)

    def each(self, name, numbers, limit):
        handles = [self.pool.apply_async(getattr(work, name), (n,)) for n in numbers]
        results = []
        for handle in handles:
            try:
                results.append(handle.get(limit))
            except Exception as error:  # noqa: BLE001
                results.append(error)
        return results


@contextmanager
def opened(settings):
    with multiprocessing.Pool(settings["workers"]) as pool:
        yield Pool(pool)
