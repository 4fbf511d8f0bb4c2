#!/bin/sh
# sh pipeline.sh 2026-11-27 2026-11-28
set -eu

# step FILE job.ts input …: like a task of Luigi, it runs only if its output is not there.
step() {
  output=$1
  shift
  if [ -e "$output" ]; then return; fi
  npx fanjoin run "$@" --output "$output.new" --quiet # fails, and so stops the script, if an item fails
  mv "$output.new" "$output"
}

for day in "$@"; do
  step "clean-$day.jsonl" clean.ts "raw/$day.csv"
  step "totals-$day.json" totals.ts "clean-$day.jsonl"
done
step report.json report.ts $(printf 'totals-%s.json ' "$@")
