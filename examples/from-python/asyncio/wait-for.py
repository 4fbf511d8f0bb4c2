"""`wait_for`: a limit for one coroutine, which is cancelled when the time is up.

python3 examples/from-python/asyncio/wait-for.py
"""

import asyncio


async def work(ms):
    await asyncio.sleep(ms / 1000)
    return ms


async def main():
    calls = [asyncio.wait_for(work(ms), timeout=0.3) for ms in [1, 600_000, 2]]
    for outcome in await asyncio.gather(*calls, return_exceptions=True):
        if not isinstance(outcome, TimeoutError):
            print(outcome)


asyncio.run(main())
