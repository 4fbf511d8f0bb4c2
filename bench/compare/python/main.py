"""A contestant of the comparison: `python3 main.py <module> <settings as JSON>`.

It answers each line of its standard input with one line, and ends with its standard input.
A contestant is a module with `opened(settings)`, a context manager of an object with

    map(task, numbers)         the values, as the call is usually written
    each(task, numbers, limit) for every number its value or an exception, with a time limit for each task
"""

import importlib
import json
import os
import sys
import time

# Libraries and tasks may print: only answers go where answers are read.
ANSWERS = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)


def answer(document):
    ANSWERS.write(json.dumps(document) + "\n")
    ANSWERS.flush()


def measured(caller, name, first, count):
    numbers = range(first, first + count)
    start = time.perf_counter()
    values = caller.map(name, numbers)
    ms = (time.perf_counter() - start) * 1000
    return {"ms": ms, "sum": sum(values), "count": len(values)}


def tried(caller, count, limit):
    """What the caller gets of `count` trials; without a limit as the call is usually written."""
    try:
        results = caller.map("trial", range(count)) if limit is None else caller.each("trial", range(count), limit)
    except Exception as error:  # noqa: BLE001
        return {"raised": describe(error), "values": [], "failed": []}
    values = [result for result in results if isinstance(result, int)]
    failed = [describe(result) for result in results if isinstance(result, BaseException)]
    return {"raised": None, "values": values, "failed": failed}


def describe(error):
    text = str(error).strip().split("\n")[0]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


if __name__ == "__main__":
    settings = json.loads(sys.argv[2])
    module = importlib.import_module(sys.argv[1])
    with module.opened(settings) as opened:
        # A program that is started again goes on with the tasks of its first start.
        if not settings["again"]:
            opened.map("noop", range(settings["workers"]))
        answer({"ready": True})
        for line in sys.stdin:
            request = json.loads(line)
            if "trials" in request:
                answer(tried(opened, request["trials"], request["limit"]))
            else:
                answer(measured(opened, request["task"], request["first"], request["count"]))
