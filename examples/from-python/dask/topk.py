"""`topk`.

python3 examples/from-python/dask/topk.py
"""

import json

import dask.bag

if __name__ == "__main__":
    remainders = dask.bag.from_sequence(range(1000)).map(lambda n: (n * n) % 997)
    print(json.dumps(list(remainders.topk(3).compute())))
