"""The rows that repairs in fixes/ cite, looked up anew: `python -m labs.lab15_incident.renew`, after a change of the pairs
or of the town.

Rowids belong to one record, and a record to one set of versions. Complete repairs are written again; edits follow them.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from itertools import islice

from labs.kit import BROKEN, Fix, Job, Run, literal, run_all
from labs.lab15_incident import LAB, citing, readings, submissions
from labs.lab15_incident.evidence import TOGETHER, Row, X, Y
from labs.lab15_incident.readings import MOST_ROWS
from labs.lab15_incident.scenarios import HANDED_IN
from labs.lab15_incident.variants import variant

OTHER = "other record"
"""CITES of a repair that reads the evening without an incident."""


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
        "where": list(evening.culprits),
        "what": evening.culprits,
        "rows": rows,
    }


def answer_of(text: str) -> dict[str, object]:
    """The answer that a repair is to give: the right one, or with the rows of the strategy that its CITES names."""
    name, cites = submissions.read(text).name, literal(text, "CITES", 'CITES = "the slowest exchanges"')
    answer = right_answer(name)
    if cites is None:
        return answer
    other = cites == OTHER
    fix = Fix(BROKEN, f"NAME = {name!r}\n")
    [run] = run_all(LAB, [Job(fix, LAB.scenario("other" if other else "both"))])
    rows = citing.first("the first that failed" if other else cites, run)
    answer["rows"] = {key: rows for key in [*variant(name).culprits, "together"]}
    if other:
        answer |= {"record": "AB".replace(variant(name).record, ""), "mark": readings.mark(run)}
    return answer


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
        new = written(answer_of(text))
        path.write_text(text.replace(old, new), encoding="utf-8")
        print(path.name, "renewed" if new != old else "as it was")


if __name__ == "__main__":
    main()
