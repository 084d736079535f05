"""The request as this house reads it: strict JSON, capped bodies, no silent guesses."""

from flask import Request

from app.domain.refusals import TooLarge
from app.domain.wire import read_json
from app.web.problems import BadRequest

JSON_LIMIT = 1_048_576
FORM_LIMIT = 2 * JSON_LIMIT
FORM_PARTS = 500
BODY_LIMIT = 20 * JSON_LIMIT + 65_536  # one file and what a form puts around it


class StrictRequest(Request):
    """A request whose JSON has one meaning. Source: requirements I01 and I02."""

    max_form_memory_size = FORM_LIMIT
    max_form_parts = FORM_PARTS

    @property
    def max_content_length(self) -> int:
        """How long the body may be: a form without files is read at once, so it has less."""
        return FORM_LIMIT if self.mimetype == "application/x-www-form-urlencoded" else BODY_LIMIT

    def get_json(self, force: bool = False, silent: bool = False, cache: bool = True):
        """The body as plain values.

        Raises:
            BadRequest, Malformed, TooLarge
        """
        if (self.content_length or 0) > JSON_LIMIT:
            raise TooLarge("请求体超过 1 MiB", "the body is larger than 1 MiB", limit=JSON_LIMIT)
        if not self.is_json:
            raise BadRequest("请使用 application/json 提交", "send the body as application/json")
        return read_json(self.get_data(cache=cache), JSON_LIMIT)
