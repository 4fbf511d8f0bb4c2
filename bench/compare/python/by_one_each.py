"""A thread, or a process, for every task; a semaphore limits how many there are at once."""

import multiprocessing
import multiprocessing.connection
import threading
import time
from contextlib import contextmanager

import work


class Threads:
    def __init__(self, workers):
        self.workers = workers

    def run(self, name, numbers, limit):
        """What each thread came to. A thread that never ends keeps its place."""
        task = getattr(work, name)
        places = threading.Semaphore(self.workers)
        results = {}

        def run(n):
            try:
                results[n] = task(n)
            except Exception as error:
                if limit is None:
                    raise
                results[n] = error
            finally:
                places.release()

        threads = []
        for n in numbers:
            places.acquire()
            thread = threading.Thread(target=run, args=(n,), daemon=limit is not None)
            thread.start()
            threads.append(thread)
        for thread in threads:
            thread.join(limit)
        return results

    def map(self, name, numbers):
        """The usual way: the error of a thread is printed, and its value is missing."""
        results = self.run(name, numbers, None)
        return [results[n] for n in numbers if n in results]

    def each(self, name, numbers, limit):
        results = self.run(name, numbers, limit)
        return [results.get(n, TimeoutError()) for n in numbers]


def send(name, n, connection):
    connection.send(getattr(work, name)(n))


class Processes:
    def __init__(self, workers):
        self.workers = workers

    def map(self, name, numbers):
        """The usual way: values come back by a queue."""
        queue = multiprocessing.SimpleQueue()
        places = multiprocessing.Semaphore(self.workers)
        processes = []
        for n in numbers:
            places.acquire()
            process = multiprocessing.Process(target=put, args=(name, n, queue, places))
            process.start()
            processes.append(process)
        for process in processes:
            process.join()
        values = []
        while not queue.empty():
            values.append(queue.get())
        return values

    def each(self, name, numbers, limit):
        """A pipe and a clock for each process."""
        waiting, running, results = list(numbers), {}, {}
        while waiting or running:
            while waiting and len(running) < self.workers:
                n = waiting.pop(0)
                reader, writer = multiprocessing.Pipe(duplex=False)
                process = multiprocessing.Process(target=send, args=(name, n, writer))
                process.start()
                writer.close()
                running[n] = (process, reader, time.monotonic() + limit)
            # A sentinel is ready when its process has ended.
            multiprocessing.connection.wait([process.sentinel for process, _, _ in running.values()], 0.05)
            for n, (process, reader, end) in list(running.items()):
                if process.is_alive() and time.monotonic() < end:
                    continue
                process.kill()
                process.join()
                try:
                    results[n] = reader.recv()
                except EOFError:
                    results[n] = RuntimeError(f"exit code {process.exitcode}")
                del running[n]
        return [results[n] for n in numbers]


def put(name, n, queue, places):
    try:
        queue.put(getattr(work, name)(n))
    finally:
        places.release()


@contextmanager
def opened(settings):
    yield (Threads if settings["kind"] == "threads" else Processes)(settings["workers"])
