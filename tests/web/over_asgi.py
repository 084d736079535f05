"""One call to an ASGI application, told as WSGI tells it."""

import asyncio

BLOCK = 1 << 16


def called(front, environ: dict) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of the answer to what ``environ`` describes."""
    body = environ["wsgi.input"].read()
    blocks = [body[at:at + BLOCK] for at in range(0, len(body), BLOCK)] or [b""]
    names = {name.removeprefix("HTTP_").lower().replace("_", "-"): value
             for name, value in environ.items()
             if name.startswith(("HTTP_", "CONTENT_")) and value is not None}
    scope = {"type": "http", "http_version": "1.1", "method": environ["REQUEST_METHOD"],
             "path": environ["PATH_INFO"], "scheme": "http", "server": ("localhost", 80),
             "client": (environ["REMOTE_ADDR"], 4711),
             "query_string": environ.get("QUERY_STRING", "").encode("latin-1"),
             "headers": [(name.encode(), on_the_wire(value)) for name, value in names.items()]}
    said = asyncio.run(_heard(front, scope, blocks))
    headers = {name.decode(): value.decode("latin-1") for name, value in said[0]["headers"]}
    return said[0]["status"], headers, b"".join(each.get("body", b"") for each in said[1:])


def on_the_wire(value: str) -> bytes:
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        return value.encode()


async def _heard(front, scope: dict, blocks: list[bytes]) -> list[dict]:
    said: list[dict] = []

    async def receive() -> dict:
        if blocks:
            block = blocks.pop(0)
            return {"type": "http.request", "body": block, "more_body": bool(blocks)}
        return {"type": "http.disconnect"}

    async def send(message: dict) -> None:
        said.append(message)

    await front(scope, receive, send)
    return said
