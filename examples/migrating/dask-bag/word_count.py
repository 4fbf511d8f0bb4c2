"""The most frequent words of some books.

    python word_count.py 'books/*.txt'
"""
import json
import re
import sys

import dask.bag as db

words = (
    db.read_text(sys.argv[1])
    .map(str.lower)
    .map(lambda line: re.findall(r"[a-z]+", line))
    .flatten()
    .frequencies()
)

if __name__ == "__main__":
    top = words.topk(5, key=lambda pair: (pair[1], pair[0])).compute()
    print(json.dumps(top))
