"""What ends the checks."""


class Surprise(Exception):
    """Something is not as it should be."""


def check(holds, what, found=""):
    """Says what was proven; where it does not hold, ends the checks with what was found instead."""
    if not holds:
        raise Surprise(f"{what}; found: {str(found)[:600]}")
    print(f"ok: {what}", flush=True)
