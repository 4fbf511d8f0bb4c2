"""`Semaphore`: four requests at once. To try it, let a server run beside it:
`python3 -m http.server 8000 --directory examples/from-python/data/texts`

python3 examples/from-python/asyncio/semaphore.py http://127.0.0.1:8000
"""

import asyncio
import json
import sys
from urllib.request import urlopen

PAGES = ["one", "two", "three", "one", "two", "three", "one", "two", "three", "one"]


def size(page):
    with urlopen(f"{sys.argv[1]}/{page}.txt", timeout=10) as response:
        return page, len(response.read())


async def main():
    semaphore = asyncio.Semaphore(4)

    async def limited(page):
        async with semaphore:
            return await asyncio.to_thread(size, page)

    for pair in await asyncio.gather(*map(limited, PAGES)):
        print(json.dumps(pair))


asyncio.run(main())
