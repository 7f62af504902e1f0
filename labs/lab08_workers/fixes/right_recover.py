"""A durable queue without leases: this is the only process, so at its start nobody else can have a job."""

LIKE = "right_lease"
CHANGED = {
    """
import time""": "",
    "LEASE_S = 3.0  # ten times what a job takes": "AGAIN_S = 0.5",
    'SCHEMA = "create table if not exists jobs (name text primary key, lines text, state text, until real)"': (
        'SCHEMA = "create table if not exists jobs (name text primary key, lines text, state text)"'
    ),
    """\
    update jobs set state = 'leased', until = :until where name = (
        select name from jobs where state != 'done' and until < :now order by rowid limit 1""": """\
    update jobs set state = 'taken' where name = (
        select name from jobs where state = 'new' order by rowid limit 1""",
    "await self.in_writer(self.execute, \"insert or ignore into jobs values (?, ?, 'new', 0)\", order, json.dumps(lines))": (
        "await self.in_writer(self.execute, \"insert or ignore into jobs values (?, ?, 'new')\", order, json.dumps(lines))"
    ),
    "await asyncio.wait_for(self.news.wait(), LOOK_S)  # a lease may end without news": (
        "await asyncio.wait_for(self.news.wait(), LOOK_S)"
    ),
    '"""One job, from the claim to the end; if it fails, its lease ends and somebody else takes it."""': (
        '"""One job, from the claim to the end; if it fails, it is new again a little later."""'
    ),
    """\
        except aiohttp.ClientError:
            pass  # the partner did not take it""": """\
        except Exception:
            await asyncio.sleep(AGAIN_S)
            await self.in_writer(self.execute, "update jobs set state = 'new' where name = ?", order)""",
    "        self.db.execute(SCHEMA)": """\
        self.db.execute(SCHEMA)
        self.db.execute("update jobs set state = 'new' where state = 'taken'")  # its worker died with the last process""",
    """\
        now = time.time()
        return self.db.execute(CLAIM, {"now": now, "until": now + LEASE_S}).fetchall()
""": """\
        return self.db.execute(CLAIM).fetchall()
""",
}
