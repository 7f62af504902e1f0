"""An operator of a run, the same in both worlds: the figures of a dashboard, a bot that follows a runbook, the edge."""
