"""Rows a second of the demo's model: sampled, decoded, as a DataFrame; and tables to codes."""

from collections.abc import Sequence

from benchmarks.demo_parts import CONFIG, parts
from benchmarks.measuring import Effort, Row, timed
from demo.trainer.validation import generation_params

GOAL = 350_000.0  # rows a second, on one thread


def measure(effort: Effort) -> Sequence[Row]:
    n_rows = effort.of(100_000, 2_000)
    of = parts(n_rows)
    of.model.eval()
    params = generation_params(CONFIG.validation, n_records=n_rows)
    codes = of.columns["codes"]
    found = timed(
        {
            "generate": lambda: of.model.generate(params),
            "decode": lambda: of.codec.decode(codes),
            "encode": lambda: of.codec.encode(of.table),
        },
        effort.n_rounds,
    )
    said = {
        "generate": f"generate a DataFrame of {n_rows:,} rows",
        "decode": "of that, codes to a DataFrame",
        "encode": "a DataFrame to codes",
    }
    return [
        Row(
            what=what,
            value=n_rows / found.median(name),
            unit="rows/s",
            goal=GOAL if name == "generate" else None,
            is_share=True,
        )
        for name, what in said.items()
    ]
