"""`filter`, `map`, `to_textfiles`: a file for each partition.

python3 examples/from-python/dask/filter.py examples/from-python/data/texts
"""

import json
import sys
import tempfile
from pathlib import Path

import dask.bag

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        lines = dask.bag.read_text(f"{sys.argv[1]}/*.txt").map(str.strip)
        cats = lines.filter(lambda line: "cat" in line).map(str.upper)
        for path in cats.to_textfiles(f"{folder}/*.txt"):
            for line in Path(path).read_text().splitlines():
                print(json.dumps(line))
