"""`Pool(initializer=…)`: what all items of a process share is a global that the initializer sets.

python3 examples/from-python/pool/initializer.py
"""

import json
from multiprocessing import Pool

names = None


def initialize():
    global names
    names = {"NO": "Norway", "CL": "Chile", "JP": "Japan"}


def name(code):
    return names[code]


if __name__ == "__main__":
    with Pool(initializer=initialize) as pool:
        for text in pool.map(name, ["NO", "CL", "JP"]):
            print(json.dumps(text))
