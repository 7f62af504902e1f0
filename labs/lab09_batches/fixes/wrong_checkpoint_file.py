"""The checkpoint is a file beside the database, replaced in one step: it becomes durable after the scores."""

LIKE = "right_transaction"
LOSES = {"once": "doubled"}
CHANGED = {
    "import asyncio\n": "import asyncio\nimport os\nfrom pathlib import Path\n",
    "scores (event_id integer primary key, score integer)": "scores (event_id integer, score integer)",
    "set_aside (event_id integer primary key, reason text)": "set_aside (event_id integer, reason text)",
    '    done = scores.execute("select coalesce(max(event_id), 0) from checkpoint").fetchone()[0]\n': (
        '    place = Path("checkpoint")\n    done = int(place.read_text()) if place.exists() else 0\n'
    ),
    """
            scores.execute("delete from checkpoint")
            scores.execute("insert into checkpoint values (?)", (done,))
""": """
        Path("checkpoint.new").write_text(str(done))
        os.replace("checkpoint.new", place)
""",
}
