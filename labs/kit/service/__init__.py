"""The code inside a process under test: its environment, its telemetry, its declared work."""
