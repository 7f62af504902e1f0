"""The dashboard: five signals of a live run, with buttons that change the run, or of a finished run."""
