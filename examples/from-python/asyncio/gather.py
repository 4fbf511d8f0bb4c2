"""`gather(…, return_exceptions=True)`: results and exceptions in one list, in the order of the arguments.

python3 examples/from-python/asyncio/gather.py
"""

import asyncio
import sys


async def work(n):
    await asyncio.sleep(0.01 * n)
    return 60 / n


async def main():
    for outcome in await asyncio.gather(*map(work, [3, 0, 5, 2]), return_exceptions=True):
        print(outcome, file=sys.stderr if isinstance(outcome, Exception) else sys.stdout)


asyncio.run(main())
