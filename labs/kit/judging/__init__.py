"""Runs to verdicts, without a notebook: evaluation, agreement of the worlds, the diagnosis, what a repair says of itself."""
