"""From runs to verdicts, without a notebook: evaluation, agreement of the worlds, diagnosis, expectations of repairs."""
