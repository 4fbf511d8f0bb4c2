"""A producer, a bounded `Queue` and two consumers, which end at an end mark.

python3 examples/from-python/sharing/producer.py
"""

import json
from queue import Queue
from threading import Thread

CONSUMERS = 2
queue = Queue(maxsize=10)
done = []


def produce():
    for country in ["Norway", "Chile", "Japan"]:
        queue.put(f"{country} north")
        queue.put(f"{country} south")
    for _ in range(CONSUMERS):
        queue.put(None)


def consume():
    while (region := queue.get()) is not None:
        done.append(region.upper())


threads = [Thread(target=produce), *(Thread(target=consume) for _ in range(CONSUMERS))]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
for region in done:
    print(json.dumps(region))
