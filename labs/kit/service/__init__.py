"""What runs inside a process under test: its surroundings, its telemetry, its declared work."""
