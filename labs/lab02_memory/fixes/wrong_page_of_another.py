"""Keeps whole pages in place of bodies: the next visitor gets the page that was printed for the one before."""

LIKE = "right_bytes"
LOSES = {"true_answers": "untrue"}
CHANGED = {
    "body = render(await self._figures(name), options)": "body = page(render(await self._figures(name), options), visitor)",
    "return page(body, visitor)": "return body",
}
