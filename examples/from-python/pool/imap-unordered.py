"""`Pool.imap_unordered`: results as they are done. They say themselves which item they are of.

python3 examples/from-python/pool/imap-unordered.py
"""

import json
from multiprocessing import Pool


def smallest_factor(n):
    factor = 2
    while n % factor != 0:
        factor += 1
    return n, factor


if __name__ == "__main__":
    with Pool() as pool:
        for pair in pool.imap_unordered(smallest_factor, range(2, 12), chunksize=3):
            print(json.dumps(pair))
