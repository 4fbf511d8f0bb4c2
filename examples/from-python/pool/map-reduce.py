"""`Pool.map` and `functools.reduce`.

python3 examples/from-python/pool/map-reduce.py
"""

import operator
from functools import reduce
from math import isqrt
from multiprocessing import Pool

BLOCK = 1000


def is_prime(n):
    return n > 1 and all(n % divisor != 0 for divisor in range(2, isqrt(n) + 1))


def primes_of(block):
    return sum(is_prime(n) for n in range(block * BLOCK, (block + 1) * BLOCK))


if __name__ == "__main__":
    with Pool() as pool:
        print(reduce(operator.add, pool.map(primes_of, range(50))))
