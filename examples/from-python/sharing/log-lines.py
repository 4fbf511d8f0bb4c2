"""`logging` from many processes: a handler that writes to a queue, and a listener that reads it.

python3 examples/from-python/sharing/log-lines.py
"""

import logging
from logging.handlers import QueueHandler, QueueListener
from multiprocessing import Pool, Queue


def initialize(queue):
    logging.getLogger().addHandler(QueueHandler(queue))


def work(n):
    if n == 3:
        logging.warning("a large one: %d", n)
    return n


if __name__ == "__main__":
    queue = Queue()
    listener = QueueListener(queue, logging.StreamHandler())
    listener.start()
    with Pool(initializer=initialize, initargs=(queue,)) as pool:
        print(sum(pool.map(work, range(4))))
    listener.stop()
