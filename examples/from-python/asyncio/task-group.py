"""`TaskGroup`: the first exception cancels the other tasks, and is raised in a group.

python3 examples/from-python/asyncio/task-group.py
"""

import asyncio


async def work(n):
    return 60 / n


async def main():
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(work(n)) for n in [3, 0, 5, 2]]
    for task in tasks:
        print(task.result())


asyncio.run(main())
