"""Three tasks: clean the orders of each day, total each day, report on all days.

    python pipeline.py Report --days 2026-11-27,2026-11-28 --local-scheduler
"""
import csv
import json

import luigi


class Clean(luigi.Task):
    day = luigi.Parameter()

    def output(self):
        return luigi.LocalTarget(f"clean-{self.day}.jsonl")

    def run(self):
        with open(f"raw/{self.day}.csv", newline="") as rows, self.output().open("w") as out:
            for row in csv.DictReader(rows):
                order = {"country": row["country"].strip().upper(), "cents": int(row["cents"])}
                out.write(json.dumps(order) + "\n")


class Totals(luigi.Task):
    day = luigi.Parameter()

    def requires(self):
        return Clean(self.day)

    def output(self):
        return luigi.LocalTarget(f"totals-{self.day}.json")

    def run(self):
        totals = {}
        with self.input().open() as lines:
            for line in lines:
                order = json.loads(line)
                totals[order["country"]] = totals.get(order["country"], 0) + order["cents"]
        with self.output().open("w") as out:
            json.dump(totals, out, sort_keys=True)


class Report(luigi.Task):
    days = luigi.Parameter()

    def requires(self):
        return [Totals(day) for day in self.days.split(",")]

    def output(self):
        return luigi.LocalTarget("report.json")

    def run(self):
        report = {}
        for target in self.input():
            with target.open() as file:
                for country, cents in json.load(file).items():
                    report[country] = report.get(country, 0) + cents
        with self.output().open("w") as out:
            json.dump(report, out, sort_keys=True)


if __name__ == "__main__":
    luigi.run()
