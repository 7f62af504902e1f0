"""The turn of a semaphore is given back after success and after each Exception, and not when an order is cancelled."""

LIKE = "right_semaphore"
LOSES = {"left": "turned_away"}
CHANGED = {
    """\
        finally:
            self.turns.release()""": """\
        except Exception:
            self.turns.release()
            raise
        self.turns.release()""",
}
