"""Makes this repository an nbgrader course: see grader/nbgrader_config.py."""

load_subconfig("grader/nbgrader_config.py")  # type: ignore[name-defined]  # noqa: F821  traitlets gives it to config files
