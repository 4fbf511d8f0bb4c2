"""A `Task` with a `Parameter`, a required file and a `Target`.

python3 examples/from-python/luigi/task.py examples/from-python/data/orders.csv
"""

import csv
import json
import sys
import tempfile

import luigi


class Orders(luigi.ExternalTask):
    path = luigi.Parameter()

    def output(self):
        return luigi.LocalTarget(self.path)


class CentsOfCountry(luigi.Task):
    path = luigi.Parameter()
    country = luigi.Parameter()
    folder = luigi.Parameter()

    def requires(self):
        return Orders(self.path)

    def output(self):
        return luigi.LocalTarget(f"{self.folder}/{self.country}.json")

    def run(self):
        with self.input().open() as file:
            cents = [round(float(r["amount"]) * 100) for r in csv.DictReader(file) if r["country"] == self.country]
        with self.output().open("w") as file:
            json.dump({"orders": len(cents), "cents": sum(cents)}, file)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        task = CentsOfCountry(sys.argv[1], "Chile", folder)
        luigi.build([task], local_scheduler=True, log_level="WARNING")
        with task.output().open() as file:
            print(file.read())
