"""`submit` and `Future.result(timeout)`.

python3 examples/from-python/threads/submit.py
"""

from concurrent.futures import ThreadPoolExecutor


def collatz(n):
    steps = 0
    while n != 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        steps += 1
    return steps


with ThreadPoolExecutor() as executor:
    futures = [executor.submit(collatz, n) for n in [27, 97, 871, 6171, 77_031, 837_799]]
    for future in futures:
        print(future.result(timeout=60))
