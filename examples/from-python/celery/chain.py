"""`chain` for each value of a group: the result of a task is the argument of the next one.

The worker is a thread of this program, and the broker is its memory. Elsewhere a broker and workers run.

python3 examples/from-python/celery/chain.py
"""

from celery import Celery, chain, group
from celery.contrib.testing.worker import start_worker

app = Celery("chain", broker="memory://", backend="cache+memory://")


@app.task
def fetch_text(name):
    return f"{name} {name}"


@app.task
def count_words(text):
    return len(text.split())


if __name__ == "__main__":
    with start_worker(app, perform_ping_check=False, pool="threads", concurrency=2):
        names = ["one", "two", "two more"]
        for words in group(chain(fetch_text.s(name), count_words.s()) for name in names)().get(timeout=60):
            print(words)
