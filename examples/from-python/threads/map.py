"""`ThreadPoolExecutor.map` over files, eight at once.

python3 examples/from-python/threads/map.py examples/from-python/data/texts
"""

import hashlib
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path


def digest(path):
    return path.name, hashlib.sha256(path.read_bytes()).hexdigest()


with ThreadPoolExecutor(max_workers=8) as executor:
    for pair in executor.map(digest, sorted(Path(sys.argv[1]).iterdir())):
        print(json.dumps(pair))
