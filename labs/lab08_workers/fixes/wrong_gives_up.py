"""Five tries an order, then never again, and nobody hears of it: an outage of the partner loses orders."""

LIKE = "right_lease"
LOSES = {"kept": "locked_for_ever"}
CHANGED = {
    "state text, until real)": "state text, until real, tries integer)",
    "set state = 'leased', until = :until where": "set state = 'leased', until = :until, tries = tries + 1 where",
    "where state != 'done' and until < :now": "where state != 'done' and tries < 5 and until < :now",
    "values (?, ?, 'new', 0)": "values (?, ?, 'new', 0, 0)",
    """\
        except aiohttp.ClientError:
            pass  # the partner did not take it
        finally:
            self.free.release()
""": """\
        except Exception:
            await self.in_writer(self.execute, "update jobs set until = ? where name = ?", time.time() + 0.3, order)
        finally:
            self.free.release()
""",
}
