"""The data dictionary as a page: made from the datasets, never written by hand."""

from pos_engine.lake.datasets import DATASETS, Dataset
from pos_engine.lake.rollups import ROLLUPS
from pos_engine.lake.views import plain_type

HEAD = """# Data dictionary of the event lake

Made by `ewarong lake show --dictionary`; a test holds it against the program. Money is integer
rupiah, quantities are thousandths of their unit, moments are UTC. Families and persons stand under
keyed pseudonyms: no NIK, card, phone number or name is in the lake.

Files lie under `lake/DATASET/day=YYYY-MM-DD/province=PP/*.parquet` (Hive layout, known to Spark
and Trino; tests read it by DuckDB and pyarrow), counts of days under
`lake/rollups/NAME/day=YYYY-MM-DD/`. `day` and `province` stand in the path alone. Names that begin
with `.` or `_` are not data. Each file names its dataset and version in its footer
(`ewarong.dataset`, `ewarong.version`); a column is null in
files older than its version.
"""


def dictionary_page() -> str:
    """The whole page in Markdown."""
    parts = [HEAD, "## Datasets\n", *map(_dataset, DATASETS.values())]
    parts += ["## Counts of days, ten days and months\n", *map(_dataset, ROLLUPS.values())]
    return "\n".join(parts)


def _dataset(dataset: Dataset) -> str:
    rows = "".join(
        f"| `{each.name}` | {plain_type(each.type)} | {each.since} | {each.meaning} |\n"
        for each in dataset.columns
    )
    return (
        f"### `{dataset.name}`\n\n{dataset.meaning}\n`day` is {dataset.day}. "
        f"Version {dataset.version}.\n\n"
        f"| column | type | since | meaning |\n|---|---|---|---|\n{rows}"
    )
