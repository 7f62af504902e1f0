"""The surface of Break/Fix outside a notebook: starting it, looking after it, its command line."""
