"""Only a timeout counts as a failure of recommendations: a refused connection, or half an answer, ends the page."""

LIKE = "right_all"
LOSES = {"page": "no_fallback"}
CHANGED = {"except (aiohttp.ClientError, TimeoutError) as error:": "except TimeoutError as error:"}
