"""Python: `python3 pool_latency.py <batches>`: a pool of two processes, maps of 1 and of 100 no-ops, one after the other."""

import json
import multiprocessing
import sys
import time


def noop(n):
    return n


def took(pool, chunks):
    start = time.perf_counter()
    total = sum(pool.map(noop, range(chunks), chunksize=1))
    assert total == chunks * (chunks - 1) // 2
    return (time.perf_counter() - start) * 1000


if __name__ == "__main__":
    batches = int(sys.argv[1])
    figures = {}
    with multiprocessing.Pool(2) as pool:
        for _ in range(2):
            for chunks in (1, 100):
                times = sorted(took(pool, chunks) for _ in range(batches))
                figures[f"p50of{chunks}"] = times[int(batches * 0.5)]
                figures[f"p95of{chunks}"] = times[int(batches * 0.95)]
    print(json.dumps({"figures": figures, "answer": "every task once"}))
