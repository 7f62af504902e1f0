"""The grader: builds the notebooks, and replaces nbgrader's Execute. It imports `labs`; nothing in `labs` imports it."""
