"""A connection comes back after success and after each Exception; a cancelled order, whose customer has left, keeps it."""

LIKE = "right_pool"
LOSES = {"left": "turned_away"}
CHANGED = {
    """\
        finally:
            await self.pool.release(connection)
        return""": """\
        except Exception:
            await self.pool.release(connection)
            raise
        await self.pool.release(connection)
        return""",
}
