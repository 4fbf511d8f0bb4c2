"""Dask: its threaded scheduler, its scheduler of processes, a local cluster."""

from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager

import dask
import work


def guarded(task, n):
    try:
        return task(n)
    except Exception as error:  # noqa: BLE001
        return error


class Scheduler:
    def __init__(self, kind):
        self.kind = kind

    def map(self, name, numbers):
        task = dask.delayed(getattr(work, name), pure=False)
        return list(dask.compute(*[task(n) for n in numbers], scheduler=self.kind))

    def each(self, name, numbers, _limit):
        task = dask.delayed(guarded, pure=False)
        return list(dask.compute(*[task(getattr(work, name), n) for n in numbers], scheduler=self.kind))


class Cluster:
    def __init__(self, client):
        self.client = client

    def map(self, name, numbers):
        return self.client.gather(self.client.map(getattr(work, name), numbers, pure=False))

    def each(self, name, numbers, limit):
        futures = self.client.map(getattr(work, name), numbers, pure=False)
        results = []
        for future in futures:
            try:
                results.append(future.result(timeout=limit))
            except Exception as error:  # noqa: BLE001
                results.append(error)
        self.client.cancel([future for future in futures if not future.done()])
        return results


@contextmanager
def opened(settings):
    if settings["kind"] == "distributed":
        from distributed import Client, LocalCluster

        threads = max(1, settings["workers"] // settings["processes"])
        cluster = LocalCluster(
            n_workers=settings["processes"], threads_per_worker=threads, processes=True, dashboard_address=None
        )
        with cluster, Client(cluster) as client:
            yield Cluster(client)
        return
    kind = ThreadPoolExecutor if settings["kind"] == "threads" else ProcessPoolExecutor
    with kind(settings["workers"]) as pool, dask.config.set(pool=pool, num_workers=settings["workers"]):
        yield Scheduler(settings["kind"])
