"""`read_text`, `map`, `flatten`, `frequencies`.

python3 examples/from-python/dask/frequencies.py examples/from-python/data/texts
"""

import json
import sys

import dask.bag

if __name__ == "__main__":
    words = dask.bag.read_text(f"{sys.argv[1]}/*.txt").map(str.split).flatten()
    print(json.dumps(dict(words.frequencies().compute())))
