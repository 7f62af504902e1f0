"""An exception of the model is logged and given to nobody: the callers of that batch wait until they give up."""

LIKE = "right_transaction"
LOSES = {"errors": "hangs"}
CHANGED = {
    "import asyncio\n": "import asyncio\nimport logging\n",
    """
        except Exception as error:
            settle(batch, error=error)
""": """
        except Exception as error:
            logging.error("the model failed: %s", error)
""",
}
