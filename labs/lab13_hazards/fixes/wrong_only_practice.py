"""The lists of names hold what the twins for practice show."""

LIKE = "right_names"
LOSES = {"finds": "only_practice_bf101"}
CHANGED = {
    """\
    r"time\\.sleep|requests\\.\\w+|urllib\\.request\\.urlopen|subprocess\\.(run|call|check_call|check_output)"
    r"|sqlite3\\.connect\\.(execute|commit)|queue\\.\\w+\\.(get|put)|threading\\.\\w+\\.acquire"
""": """\
    r"time\\.sleep|sqlite3\\.connect\\.(execute|commit)"
""",
}
