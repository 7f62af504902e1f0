"""Five signals of a run while it goes on, with buttons that change it; or of a finished run."""
