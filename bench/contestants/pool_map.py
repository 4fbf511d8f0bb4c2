"""Python: `python3 pool_map.py <tasks> <warm-up>`: a pool of two processes, one no-op per message; nothing is kept on disk."""

import json
import multiprocessing
import sys
import time


def noop(n):
    return n


if __name__ == "__main__":
    tasks, warm_up = int(sys.argv[1]), int(sys.argv[2])
    with multiprocessing.Pool(2) as pool:
        pool.map(noop, range(warm_up), chunksize=1)
        start = time.perf_counter()
        total = sum(pool.map(noop, range(tasks), chunksize=1))
        ms = (time.perf_counter() - start) * 1000
    figures = {"ms": ms, "perSecond": tasks / ms * 1000, "usPerChunk": ms * 1000 / tasks}
    answer = "every task once" if total == tasks * (tasks - 1) // 2 else f"{total} for {tasks} tasks"
    print(json.dumps({"figures": figures, "answer": answer}))
