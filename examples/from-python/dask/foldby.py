"""`foldby`: a fold for each key.

python3 examples/from-python/dask/foldby.py
"""

import json

import dask.bag


def add(total, n):
    return {"n": total["n"] + 1, "sum": total["sum"] + n}


def merge(left, right):
    return {"n": left["n"] + right["n"], "sum": left["sum"] + right["sum"]}


if __name__ == "__main__":
    zero = {"n": 0, "sum": 0}
    groups = dask.bag.from_sequence(range(100)).foldby(lambda n: n % 3, add, zero, merge, zero)
    print(json.dumps(dict(groups.compute())))
