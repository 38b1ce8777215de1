"""A split is named by its rows, not by the library that wrote them."""

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.provenance import split_hash

SPLIT = pd.DataFrame({"clip_id": ["a", "b"], "dataset": "mead", "person": ["A", "B"], "split": ["train", "test"]})


def test_the_same_rows_have_the_same_hash_in_any_file(tmp_path):
    SPLIT.to_parquet(tmp_path / "one.parquet", index=False)
    plain = pa.Table.from_pandas(SPLIT, preserve_index=False).replace_schema_metadata(None)
    pq.write_table(plain, tmp_path / "two.parquet", compression="zstd", version="1.0")
    assert (tmp_path / "one.parquet").read_bytes() != (tmp_path / "two.parquet").read_bytes()
    assert split_hash(tmp_path / "one.parquet") == split_hash(tmp_path / "two.parquet")
    SPLIT.assign(split="test").to_parquet(tmp_path / "other.parquet", index=False)
    assert split_hash(tmp_path / "one.parquet") != split_hash(tmp_path / "other.parquet")
