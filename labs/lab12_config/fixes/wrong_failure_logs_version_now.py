"""The line of an order that failed names the version in force, and not that of the order."""

LIKE = "right_snapshot"
LOSES = {
    "logs": "failed_under_another",
}
CHANGED = {
    """\
        finally:
            await pool.release()
        return {""": """\
        except TimeoutError:
            self.log.warning("not charged", request_id=order["id"], version=self.version)
            raise
        finally:
            await pool.release()
        return {""",
}
