"""Tables of pyarrow, pandas and polars."""

from __future__ import annotations

from pathlib import Path

import pytest
from texts import NOISE, report

import taoxi

pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")

TEXTS = [report(n, 6) + NOISE for n in range(50)]
CLEAN = [taoxi.clean(text).text for text in TEXTS]


@pytest.mark.parametrize("kind", ["string", "large_string", "string_view", "binary", "large_binary"])
def test_every_type_of_text_is_washed_and_other_columns_stay(kind: str):
    values = [text.encode() for text in TEXTS] if "binary" in kind else TEXTS
    column = pa.array([*values, None], getattr(pa, kind)())
    table = pa.table({"n": list(range(51)), "text": column})
    out = pa.table(taoxi.clean_arrow(table))
    assert out.column_names == ["n", "text", "flags", "error"]
    assert out["text"].to_pylist() == [*CLEAN, None]
    assert out["n"].to_pylist() == list(range(51))
    assert out["text"].type == (column.type if "string" in kind else pa.large_string())
    assert out["flags"].to_pylist()[-1] is None and out["error"].null_count == 51


def test_rows_that_fail_say_why_and_records_are_whole():
    table = pa.table(
        {
            "k": ["a", "b"],
            "page": [bytes(range(256)) * 9, ("<html><body><p>" + report(1) + "</p></body></html>").encode()],
            "u": ["https://a.example/", None],
        }
    )
    out = pa.table(
        taoxi.clean_arrow(table, "page", into="clean", id="k", url="u", flags=None, record="record")
    ).to_pylist()
    assert out[0]["clean"] is None and out[0]["error"].startswith("binary_input: ") and out[0]["record"] is None
    record = taoxi.Cleaned.from_json(out[1]["record"])
    assert (record.id, record.text, record.source.media_type) == ("b", out[1]["clean"], "text/html")
    assert "flags" not in out[0]


def test_batches_are_washed_one_after_the_other_while_they_are_taken():
    taken = []

    def batches():
        for n in range(5):
            taken.append(n)
            yield pa.record_batch({"text": TEXTS[n * 10 : n * 10 + 10]})

    source = pa.RecordBatchReader.from_batches(pa.schema({"text": pa.string()}), batches())
    reader = pa.RecordBatchReader.from_stream(taoxi.clean_arrow(source))
    first = reader.read_next_batch()
    assert taken == [0] and first.num_rows == 10
    assert first["text"].to_pylist() == CLEAN[:10]
    assert sum(batch.num_rows for batch in reader) == 40


def test_a_record_batch_and_slices_of_it_are_read():
    batch = pa.record_batch({"text": TEXTS})
    assert pa.table(taoxi.clean_arrow(batch.slice(7, 5)))["text"].to_pylist() == CLEAN[7:12]

    class OneArray:
        def __arrow_c_array__(self, requested_schema=None):
            return batch.__arrow_c_array__(requested_schema)

    assert pa.table(taoxi.clean_arrow(OneArray()))["text"].to_pylist() == CLEAN


def test_polars_and_pandas_frames_go_in_and_come_out():
    polars = pytest.importorskip("polars", reason="polars is not installed")
    frame = polars.DataFrame({"text": TEXTS, "n": range(50)})
    out = polars.DataFrame(taoxi.clean_arrow(frame))
    assert out["text"].to_list() == CLEAN and out.schema["text"] == polars.String
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    frame = pandas.DataFrame({"text": TEXTS, "n": range(50)})
    out = pa.table(taoxi.clean_arrow(frame)).to_pandas()
    assert out["text"].tolist() == CLEAN and out["n"].tolist() == list(range(50))


def test_what_is_no_table_of_texts_is_named():
    table = pa.table({"text": TEXTS[:1], "n": [1], "error": ["x"]})
    for call, message in [
        (lambda: taoxi.clean_arrow(table, "txt"), "no column `txt`, only text, n, error"),
        (lambda: taoxi.clean_arrow(table, "n"), "`n` holds Int64 and no text"),
        (lambda: taoxi.clean_arrow(table), "column `error` already"),
        (lambda: taoxi.clean_arrow([1]), "__arrow_c_stream__"),
        (lambda: taoxi.clean_arrow(pa.array(TEXTS[:1])), "table"),
        (lambda: taoxi.clean_arrow(table, error=None, id="n"), "`n` holds Int64"),
    ]:
        with pytest.raises(taoxi.TaoxiError, match=message) as raised:
            call()
        assert raised.value.code == "usage"
    stream = taoxi.clean_arrow(table, error=None)
    assert pa.table(stream).num_rows == 1
    with pytest.raises(taoxi.TaoxiError, match="taken already"):
        pa.table(stream)


def test_a_source_that_breaks_is_an_error_and_no_end(tmp_path: Path):
    def batches():
        yield pa.record_batch({"text": TEXTS[:3]})
        raise RuntimeError("the source broke")

    source = pa.RecordBatchReader.from_batches(pa.schema({"text": pa.string()}), batches())
    with pytest.raises(pa.ArrowException, match="the source broke"):
        pa.table(taoxi.clean_arrow(source))
