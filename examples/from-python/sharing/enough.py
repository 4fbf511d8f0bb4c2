"""An `Event` that stops all workers when enough is found.

python3 examples/from-python/sharing/enough.py
"""

from itertools import count
from threading import Event, Lock, Thread

numbers = count()  # shared: `next` of it is one step of the interpreter
enough = Event()
lock = Lock()
done = []


def work():
    while not enough.is_set():
        n = next(numbers)
        with lock:
            done.append(n * n % 7)
            if len(done) >= 100:
                enough.set()


workers = [Thread(target=work) for _ in range(4)]
for worker in workers:
    worker.start()
for worker in workers:
    worker.join()
print(max(done))
