"""Writes the Parquet files of these tests, and what their rows are: python make-files.py (needs pyarrow 26).

The files are in the repository, so the tests need neither Python nor pyarrow.
"""

import base64
import csv
import datetime
import decimal
import json
import os

import pyarrow as pa
import pyarrow.parquet as pq

HERE = os.path.dirname(os.path.abspath(__file__))
FILES = os.path.join(HERE, "files")
# The sample input of `fanjoin init --template parquet`: that of the template csv.
TEMPLATES = os.path.join(HERE, "..", "..", "..", "examples", "templates")
ROWS = 60
Decimal = decimal.Decimal


def some(make):
    """A value for each row, and a null in every eleventh."""
    return [None if row % 11 == 5 else make(row) for row in range(ROWS)]


EDGES = [0, 1, -1, 2**53 - 1, 2**53, -(2**53), 2**62, -(2**63), 2**63 - 1]
STRUCT = pa.struct([("a", pa.int64()), ("b", pa.struct([("c", pa.string()), ("d", pa.list_(pa.int16()))]))])
ITEMS = pa.list_(pa.struct([("x", pa.int32()), ("y", pa.list_(pa.float64()))]))

COLUMNS = {
    "i8": pa.array(some(lambda n: n - 30), pa.int8()),
    "i32": pa.array(some(lambda n: (-1) ** n * (2**31 - 1 - n)), pa.int32()),
    "u32": pa.array(some(lambda n: 2**32 - 1 - n), pa.uint32()),
    "i64": pa.array(some(lambda n: EDGES[n % len(EDGES)]), pa.int64()),
    "u64": pa.array(some(lambda n: [n, 2**53, 2**64 - 1][n % 3]), pa.uint64()),
    "f16": pa.array(some(lambda n: n / 8), pa.float16()),
    "f32": pa.array(some(lambda n: n / 3), pa.float32()),
    "f64": pa.array(some(lambda n: n / 3), pa.float64()),
    "flag": pa.array(some(lambda n: n % 3 == 0), pa.bool_()),
    "text": pa.array(some(lambda n: "\ufeffé" if n % 2 else f"plain {n % 5}"), pa.string()),
    "unique": pa.array(some(lambda n: f"unique {n}"), pa.string()),
    "binary": pa.array(some(lambda n: bytes([n, 255, 0])), pa.binary()),
    "fixed": pa.array(some(lambda n: bytes([n] * 5)), pa.binary(5)),
    "d9": pa.array(some(lambda n: Decimal(n - 30) / 100), pa.decimal128(9, 2)),
    "d18": pa.array(some(lambda n: Decimal(n * 10**12 + 1) / 10**6), pa.decimal128(18, 6)),
    "d38": pa.array(some(lambda n: n - Decimal("12345678901234567890123456789012.123456")), pa.decimal128(38, 6)),
    "ms": pa.array(some(lambda n: (n - 30) * 86399123), pa.timestamp("ms", tz="UTC")),
    "us": pa.array(some(lambda n: (n - 30) * 4 * 10**13 + n), pa.timestamp("us")),
    "ns": pa.array(some(lambda n: (n - 30) * 10**17 + n), pa.timestamp("ns", tz="UTC")),
    "date": pa.array(some(lambda n: n * 3700 - 100000), pa.date32()),
    "clock": pa.array(some(lambda n: n * 1439999999), pa.time64("us")),
    "clock32": pa.array(some(lambda n: n * 1439999), pa.time32("ms")),
    "list": pa.array(some(lambda n: [None if i == 1 else i for i in range(n % 5)]), pa.list_(pa.int32())),
    "lists": pa.array(
        some(lambda n: [None if i == 2 else [f"{i}{j}" for j in range(i)] for i in range(n % 4)]),
        pa.list_(pa.list_(pa.string())),
    ),
    "struct": pa.array(
        some(lambda n: {"a": n, "b": None if n % 3 == 0 else {"c": str(n), "d": [n]}}), STRUCT
    ),
    "map": pa.array(
        some(lambda n: [(f"k{i}", i) for i in range(n % 3)] + [("__proto__", 7)] * (n % 4 == 0)),
        pa.map_(pa.string(), pa.int32()),
    ),
    "pairs": pa.array(some(lambda n: [(9 - i, str(i)) for i in range(n % 3)]), pa.map_(pa.int32(), pa.string())),
    "items": pa.array(
        some(lambda n: [{"x": i, "y": None if i == 1 else [i / 2] * i} for i in range(n % 3)]), ITEMS
    ),
    "category": pa.array(some(lambda n: f"cat{n % 5}"), pa.string()).dictionary_encode(),
    "nothing": pa.nulls(ROWS),
    "__proto__": pa.array(some(lambda n: n), pa.int32()),
}

DIGITS = {"ms": 3, "us": 6, "ns": 9}


def clock(seconds, fraction, digits):
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{fraction:0{digits}}"


def moments(column, kind):
    digits = DIGITS[kind.unit]
    wide = pa.int32() if kind.bit_width == 32 else pa.int64()
    for value in column.cast(wide).to_pylist():
        if value is None:
            yield None
            continue
        seconds, fraction = divmod(value, 10**digits)
        day, rest = divmod(seconds, 86400)
        text = clock(rest, fraction, digits)
        if pa.types.is_time(kind):
            yield text
        else:
            date = datetime.date(1970, 1, 1) + datetime.timedelta(days=day)
            yield f"{date}T{text}{'Z' if kind.tz else ''}"


def as_json(value, kind):
    if value is None:
        return None
    if pa.types.is_integer(kind):
        return value if -(2**53) < value < 2**53 else str(value)
    if pa.types.is_decimal(kind):
        return format(value, "f")
    if pa.types.is_binary(kind) or pa.types.is_fixed_size_binary(kind):
        return base64.b64encode(value).decode()
    if pa.types.is_list(kind):
        return [as_json(one, kind.value_type) for one in value]
    if pa.types.is_map(kind):
        pairs = [[as_json(key, kind.key_type), as_json(one, kind.item_type)] for key, one in value]
        return dict(pairs) if pa.types.is_string(kind.key_type) else pairs
    if pa.types.is_struct(kind):
        return {field.name: as_json(value[field.name], field.type) for field in kind}
    return value.isoformat() if pa.types.is_date(kind) else value


def rows_of(table):
    columns = {}
    for name in table.column_names:
        column, kind = table[name], table[name].type
        timed = pa.types.is_timestamp(kind) or pa.types.is_time(kind)
        columns[name] = (
            list(moments(column, kind)) if timed else [as_json(one, kind) for one in column.to_pylist()]
        )
    return [{name: values[row] for name, values in columns.items()} for row in range(table.num_rows)]


def write(name, table, **options):
    pq.write_table(table, os.path.join(FILES, f"{name}.parquet"), row_group_size=25, **options)


def write_sample():
    with open(os.path.join(TEMPLATES, "csv", "orders.csv"), newline="") as file:
        orders = list(csv.DictReader(file))
    table = pa.table(
        {
            "order": pa.array([int(order["order"]) for order in orders], pa.int64()),
            "country": pa.array([order["country"] for order in orders], pa.string()),
            "amount": pa.array([Decimal(order["amount"]) for order in orders], pa.decimal128(10, 2)),
        }
    )
    pq.write_table(table, os.path.join(TEMPLATES, "parquet", "orders.parquet"), row_group_size=3, compression="ZSTD")


def main():
    write_sample()
    os.makedirs(FILES, exist_ok=True)
    table = pa.table(COLUMNS)
    with open(os.path.join(FILES, "rows.jsonl"), "w") as file:
        for row in rows_of(table):
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    for codec in ["NONE", "SNAPPY", "GZIP", "BROTLI", "LZ4", "ZSTD"]:
        version = "1.0" if codec in ("NONE", "GZIP", "ZSTD") else "2.0"
        write(codec.lower(), table, compression=codec, data_page_version=version, data_page_size=64)
    encodings = {
        "i32": "DELTA_BINARY_PACKED",
        "i64": "DELTA_BINARY_PACKED",
        "u64": "DELTA_BINARY_PACKED",
        "f32": "BYTE_STREAM_SPLIT",
        "f64": "BYTE_STREAM_SPLIT",
        "ms": "BYTE_STREAM_SPLIT",
        "i8": "BYTE_STREAM_SPLIT",
        "text": "DELTA_BYTE_ARRAY",
        "unique": "DELTA_BYTE_ARRAY",
        "fixed": "DELTA_BYTE_ARRAY",
        "binary": "DELTA_LENGTH_BYTE_ARRAY",
        "d38": "BYTE_STREAM_SPLIT",
        "flag": "RLE",
    }
    write("encodings", table, use_dictionary=False, column_encoding=encodings)
    write("checksums", table, write_page_checksum=True, data_page_size=64)
    write("page-index", table, write_page_index=True, data_page_size=64)
    times = pa.table({"at": pa.array([-1, 0, 1764464523123456789], pa.timestamp("ns"))})
    write("int96", times, use_deprecated_int96_timestamps=True)
    twice = pa.table([pa.array([1, 2]), pa.array([3, 4]), pa.array([5, 6])], names=["a", "b", "a"])
    write("twice", twice)
    write("empty", table.slice(0, 0))


main()
