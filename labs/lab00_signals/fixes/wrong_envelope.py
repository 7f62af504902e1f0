"""Every answer gets an envelope with the id in its body, which no customer's program can read."""

LIKE = "right_contextvar"
LOSES = {"unchanged": "good_orders_harmed", "leaves": "others_harmed"}
CHANGED = {
    "import uuid": """\
import json
import uuid""",
    '                response = web.json_response({"error": error_type}, status=500)': """\
                response = web.json_response({"error": error_type}, status=500)
        if response.status == 200:
            response = web.json_response({"request_id": request_id, "result": json.loads(response.body)})""",
    "return answer": 'return answer["result"]',
}
