"""The grader: builds the notebooks, and stands in for nbgrader's Execute. Imports `labs`; nothing in `labs` imports it."""
