"""A claim without an end: the job of a worker that died is never taken again."""

LIKE = "right_lease"
LOSES = {"kept": "locked_for_ever"}
CHANGED = {
    """
import time""": "",
    """
LEASE_S = 3.0  # ten times what a job takes""": "",
    """\
    update jobs set state = 'leased', until = :until where name = (
        select name from jobs where state != 'done' and until < :now order by rowid limit 1""": """\
    update jobs set state = 'taken' where name = (
        select name from jobs where state = 'new' order by rowid limit 1""",
    """\
        now = time.time()
        return self.db.execute(CLAIM, {"now": now, "until": now + LEASE_S}).fetchall()
""": """\
        return self.db.execute(CLAIM).fetchall()
""",
}
