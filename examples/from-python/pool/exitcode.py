"""`Process.exitcode`: one process for each item, because a `Pool.map` whose worker dies waits for ever.

python3 examples/from-python/pool/exitcode.py
"""

import os
import sys
from multiprocessing import Process, SimpleQueue


def work(n, results):
    if n == 2:
        os._exit(3)
    results.put(n * 10)


if __name__ == "__main__":
    results = SimpleQueue()
    processes = [Process(target=work, args=(n, results)) for n in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(timeout=60)
    print("exit codes:", [process.exitcode for process in processes], file=sys.stderr)
    done = []
    while not results.empty():
        done.append(results.get())
    for value in sorted(done):
        print(value)
