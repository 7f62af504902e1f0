"""An order is over when it is confirmed, late or cut off: one that the bank refuses holds its session for good."""

LIKE = "right_snapshot"
LOSES = {
    "gone": "refused_left",
}
CHANGED = {
    """\
            self.log.info("charged", request_id=order["id"], version=settings.version)
        finally:
            await pool.release()
""": """\
            self.log.info("charged", request_id=order["id"], version=settings.version)
            await pool.release()
        except (TimeoutError, aiohttp.ClientConnectionError):
            await pool.release()
            raise
""",
    """\
        self.pool = Pool(settings)
""": """\
        self.pool = Pool(settings)
        self.pools.append(self.pool)
""",
    """\
        self.gate = Gate()
""": """\
        self.gate = Gate()
        self.pools = []
""",
    """\
        await self.pool.session.close()
""": """\
        for pool in self.pools:
            await pool.session.close()
""",
}
