"""A group of tasks with a callback: the freight of each order, added up by country.

    celery -A tasks worker --concurrency 4
"""
import os

from celery import Celery

REDIS = os.environ.get("REDIS", "redis://localhost:6379/0")

app = Celery("tasks", broker=REDIS, backend=REDIS)
app.conf.update(
    task_acks_late=True,
    worker_prefetch_multiplier=1,
    task_always_eager=os.environ.get("EAGER") == "1",
)

DOLLARS_PER_KG = {"NO": 4.5, "PE": 9.25, "JP": 7.0}


@app.task(autoretry_for=(ConnectionError,), max_retries=3, retry_backoff=True, time_limit=30)
def freight(order):
    kg = float(order["kg"])
    return {"country": order["country"], "dollars": kg * DOLLARS_PER_KG[order["country"]]}


@app.task
def total(freights):
    totals = {}
    for one in freights:
        totals[one["country"]] = totals.get(one["country"], 0) + one["dollars"]
    return totals
