"""The rows that repairs in fixes/ cite, looked up anew: `python -m labs.lab15_incident.renew` after a change of the town.

Rowids belong to one record, and a record to one set of versions. Complete repairs are written again; edits follow them.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from itertools import islice

from labs.kit import BROKEN, Fix, Job, Run, run_all
from labs.lab15_incident import LAB, readings, submissions
from labs.lab15_incident.evidence import TOGETHER, Row, X, Y
from labs.lab15_incident.readings import MOST_ROWS
from labs.lab15_incident.scenarios import HANDED_IN
from labs.lab15_incident.variants import variant


def evenings(name: str) -> dict[str, Run]:
    """The four runs of a name."""
    fix = Fix(BROKEN, f"NAME = {name!r}\n")
    return dict(zip(HANDED_IN, run_all(LAB, [Job(fix, LAB.scenario(each)) for each in HANDED_IN]), strict=True))


def chosen(found: Mapping[Row, str], label: str) -> list[Row]:
    """A few rows of a label, spread over those of two tables."""
    rows = [row for row, shows in found.items() if shows == label]
    deploys = [row for row in rows if row[0] == "events"]
    others = [row for row in rows if row[0] != "events"]
    return [*deploys[:1], *islice(others, 0, None, max(1, len(others) // (MOST_ROWS - 1)))][:MOST_ROWS]


def right_answer(name: str) -> dict[str, object]:
    """What is to be said of the evening of this name."""
    evening = variant(name)
    runs = evenings(name)
    found = readings.labels(*(runs[each] for each in HANDED_IN))
    pair = evening.pair
    rows = {pair.x.where: chosen(found, X), pair.y.where: chosen(found, Y), "together": chosen(found, TOGETHER)}
    return {
        "record": evening.record,
        "mark": readings.mark(runs["both"]),
        "since_s": readings.harmed_at(runs["both"], runs["neither"]),
        "where": [pair.x.where, pair.y.where],
        "what": {pair.x.where: pair.x.kind, pair.y.where: pair.y.kind},
        "rows": rows,
    }


def written(answer: Mapping[str, object]) -> str:
    """The answer as the text of a constant."""
    lines = [f"    {key!r}: {value!r}," for key, value in answer.items() if key != "rows"]
    rows = answer["rows"]
    assert isinstance(rows, dict)
    cited = [f"        {key!r}: {value!r}," for key, value in rows.items()]
    return "\n".join(["INCIDENT = {", *lines, "    'rows': {", *cited, "    },", "}"]).replace("'", '"')


def main() -> None:
    """Write the complete repairs again, with the right answer for their names."""
    for path in sorted((LAB.folder / "fixes").glob("*.py")):
        text = path.read_text(encoding="utf-8")
        tree = ast.parse(text)
        node = next((n for n in tree.body if isinstance(n, ast.Assign) and ast.unparse(n.targets[0]) == "INCIDENT"), None)
        if node is None:
            continue
        old = ast.get_source_segment(text, node) or ""
        new = written(right_answer(submissions.read(text).name))
        path.write_text(text.replace(old, new), encoding="utf-8")
        print(path.name, "renewed" if new != old else "as it was")


if __name__ == "__main__":
    main()
