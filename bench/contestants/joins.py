"""Python: `python3 joins.py <dict|polars> <question> <file> <result>`: one process; the result is JSON."""

import csv
import heapq
import json
import sys

engine, question, file, result = sys.argv[1:]


def rows():
    with open(file, newline="") as lines:
        reader = csv.reader(lines)
        next(reader)
        yield from reader


def with_dict():
    if question == "groups":
        groups = {}
        for user, amount in rows():
            group = groups.get(user)
            if group is None:
                groups[user] = [float(amount), 1]
            else:
                group[0] += float(amount)
                group[1] += 1
        return {user: {"total": total, "n": n} for user, (total, n) in groups.items()}
    if question == "distinct":
        return {"count": len({user for user, _ in rows()})}
    amounts = []
    top = []
    for at, (user, amount) in enumerate(rows()):
        value = float(amount)
        amounts.append(value)
        entry = (value, -at, user)
        if len(top) < 10:
            heapq.heappush(top, entry)
        elif entry > top[0]:
            heapq.heapreplace(top, entry)
    amounts.sort()
    quantiles = {str(q): amounts[int(q * (len(amounts) - 1))] for q in (0.5, 0.99)}
    return {"quantiles": quantiles, "top": [value for value, _, _ in sorted(top, reverse=True)]}


def with_polars():
    import polars as pl

    frame = pl.scan_csv(file)
    if question == "groups":
        groups = frame.group_by("user").agg(pl.col("amount").sum().alias("total"), pl.len().alias("n"))
        groups.collect(engine="streaming").write_ndjson(result)
        return None
    if question == "distinct":
        return {"count": frame.select(pl.col("user").n_unique()).collect(engine="streaming").item()}
    amount = pl.col("amount")
    quantiles = frame.select(
        amount.quantile(0.5, "lower").alias("0.5"), amount.quantile(0.99, "lower").alias("0.99")
    ).collect(engine="streaming")
    top = frame.select(amount.top_k(10)).collect(engine="streaming")
    return {"quantiles": quantiles.row(0, named=True), "top": sorted(top["amount"].to_list(), reverse=True)}


answer = with_dict() if engine == "dict" else with_polars()
if answer is not None:
    with open(result, "w") as out:
        json.dump(answer, out)
