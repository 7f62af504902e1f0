"""All is logged, and the answer is a 200 with the error in its body: whoever counts statuses counts a success."""

LIKE = "right_contextvar"
LOSES = {"honest": "answered_as_success"}
CHANGED = {
    'response = web.json_response({"error": error_type}, status=500)': 'response = web.json_response({"error": error_type})',
    "if response.status >= 400:": 'if "error" in answer:',
}
