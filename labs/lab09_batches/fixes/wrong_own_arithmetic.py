"""The weights are taken out of the model and multiplied here: no call, no cost, and no longer the model's answers."""

LIKE = "right_transaction"
LOSES = {"true": "not_computed"}
CHANGED = {
    "        found = model.predict([payload for _, payload in rows])\n": (
        "        batch = matrix([payload for _, payload in rows])\n"
        "        found = [int(score) for score in batch @ model._weights]\n"
    ),
    "def scored(model, rows) -> tuple[list, list]:": '''\
def matrix(payloads):
    """The records as one matrix. Raises ValueError."""
    for payload in payloads:
        if not isinstance(payload, bytes):
            raise ValueError("a record is text, not float32")
        if len(payload) != 1920:
            raise ValueError("a record has not 480 values")
    found = np.frombuffer(b"".join(payloads), dtype=np.float32).reshape(len(payloads), 480)
    if not np.isfinite(found).all():
        raise ValueError("a record has a value that is not finite")
    return found


def scored(model, rows) -> tuple[list, list]:''',
    "import time\n": "import time\n\nimport numpy as np\n",
}
