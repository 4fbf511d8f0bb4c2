"""`Pool.starmap`: an item is a tuple of arguments.

python3 examples/from-python/pool/starmap.py
"""

from multiprocessing import Pool

if __name__ == "__main__":
    with Pool() as pool:
        for power in pool.starmap(pow, [(2, 5), (3, 2), (10, 3)]):
            print(power)
