"""Writes the Parquet files of this folder, as `datasets` and `pandas` would: python make_parquet.py (needs pyarrow)."""
import pyarrow as pa
import pyarrow.parquet as pq

MESSAGE = pa.struct([("role", pa.string()), ("content", pa.string()), ("weight", pa.int64())])


def message(role, content, weight=None):
    return {"role": role, "content": content, "weight": weight}


rows = [[message("user", "안녕"), message("assistant", "네", 1)],
        [message("user", "a"), message("assistant", "B", 0), message("user", "c"), message("assistant", "D")],
        [message("user", "줄\n바꿈 👍"), message("assistant", "응")]]
table = pa.table({"id": [1, 2, 3], "messages": pa.array(rows, pa.list_(MESSAGE))})
for codec in ("snappy", "zstd"):
    pq.write_table(table, f"messages-{codec}.parquet", compression=codec, row_group_size=2)
pq.write_table(pa.table({"instruction": ["번역", None], "input": ["안녕", None], "output": ["hi", None], "score": [0.5, None]}), "alpaca.parquet")
# Ten kilobytes that unpack to 300 MiB.
pq.write_table(pa.table({"text": pa.array(["a" * (300 << 20)], pa.large_string())}), "bomb.parquet", compression="zstd", use_dictionary=False, write_statistics=False)
