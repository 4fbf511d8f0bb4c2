"""`asyncio.gather`; a semaphore limits how many run at once."""

import asyncio
from contextlib import contextmanager

import work


class Gather:
    def __init__(self, loop, workers):
        self.loop = loop
        self.workers = workers

    async def gathered(self, name, numbers, limit):
        task = getattr(work, f"{name}_async")
        places = asyncio.Semaphore(self.workers)

        async def run(n):
            async with places:
                return await (task(n) if limit is None else asyncio.wait_for(task(n), limit))

        return await asyncio.gather(*map(run, numbers), return_exceptions=limit is not None)

    def map(self, name, numbers):
        return self.loop.run_until_complete(self.gathered(name, numbers, None))

    def each(self, name, numbers, limit):
        return self.loop.run_until_complete(self.gathered(name, numbers, limit))


@contextmanager
def opened(settings):
    loop = asyncio.new_event_loop()
    yield Gather(loop, settings["workers"])
    loop.close()
