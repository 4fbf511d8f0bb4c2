"""`Pool.map`: a function over a list, on all cores, the results in the order of the list.

python3 examples/from-python/pool/map.py
"""

from multiprocessing import Pool


def collatz(n):
    steps = 0
    while n != 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        steps += 1
    return steps


if __name__ == "__main__":
    with Pool() as pool:
        for steps in pool.map(collatz, [27, 97, 871, 6171, 77_031, 837_799]):
            print(steps)
