"""Break/Fix outside a notebook: the command line, the start of JupyterLab, and the project's own checks."""
