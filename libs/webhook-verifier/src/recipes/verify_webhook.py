import base64
import hashlib
import hmac
import json
import time

TOLERANCE_SECONDS = 300


class Refused(Exception):
    """The request is not to be believed: answer 401."""


def read_secret(secret):
    if not secret.startswith("whsec_"):
        raise ValueError("a v1 secret begins with whsec_")
    key = base64.b64decode(secret[len("whsec_"):], validate=True)
    if not 24 <= len(key) <= 64:
        raise ValueError("a whsec_ secret holds 24 to 64 bytes")
    return key


def verify(body, headers, secrets, now=None):
    """body: the bytes as they came. headers: by their names in lower case. Answers the id and the event."""
    try:
        message_id = headers["webhook-id"]
        timestamp = headers["webhook-timestamp"]
        signatures = headers["webhook-signature"]
    except KeyError as missing:
        raise Refused(f"{missing.args[0]} is missing") from None
    if not (timestamp.isascii() and timestamp.isdigit()) or not message_id or "." in message_id:
        raise Refused("a header is malformed")
    if abs(int(time.time() if now is None else now) - int(timestamp)) > TOLERANCE_SECONDS:
        raise Refused("too old, or from the future")
    signed = f"{message_id}.{timestamp}.".encode() + body
    for secret in secrets:
        expected = base64.b64encode(hmac.new(read_secret(secret), signed, hashlib.sha256).digest())
        for item in signatures.split(" "):
            version, _, value = item.partition(",")
            if version == "v1" and hmac.compare_digest(expected, value.encode()):
                return message_id, json.loads(body)
    raise Refused("no signature is good")
