"""A job is ticked off when it is claimed: the job of a killed worker is lost."""

LIKE = "right_lease"
LOSES = {
    "kept": "done_too_early",
    "right": "false_status",
}
CHANGED = {
    """
import time""": "",
    """
LEASE_S = 3.0  # ten times what a job takes""": "",
    """\
    update jobs set state = 'leased', until = :until where name = (
        select name from jobs where state != 'done' and until < :now order by rowid limit 1""": """\
    update jobs set state = 'done' where name = (
        select name from jobs where state != 'done' order by rowid limit 1""",
    """
            await self.in_writer(self.execute, "update jobs set state = 'done' where name = ?", order)""": "",
    """\
        now = time.time()
        return self.db.execute(CLAIM, {"now": now, "until": now + LEASE_S}).fetchall()
""": """\
        return self.db.execute(CLAIM).fetchall()
""",
}
