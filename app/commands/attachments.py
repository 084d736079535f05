"""Files are handed in before a case names them; each is an act of its own."""

import base64
import binascii

from app.commands.command import Body, Done, Text, command, entry
from app.domain.callers import Caller
from app.domain.refusals import Invalid, NotAllowed
from app.store import attachments
from app.store.unit import begin


class AttachmentFile(Body):
    """A file of a listed kind."""

    name: Text = entry("文件名", "File name", min_length=1, max_length=120)
    content: str = entry("文件内容 (Base64)", "Content (Base64)", widget="file")


@command("attachment.store", "上传附件", "Hand in a file", creates=True)
def store(rt, caller: Caller, body: AttachmentFile) -> Done:
    """A file for programs, inside a JSON body; pages send files as they are."""
    return store_file(rt, caller, body.name, decoded(body.content))


def store_file(rt, caller: Caller, name: str, content: bytes) -> Done:
    """The file is kept under its digest.

    Raises:
        NotAllowed, Invalid: nothing is kept.
    """
    with begin(rt, caller) as act:
        if not act.may("attachment", "store"):
            raise NotAllowed("您的岗位不能上传附件", "your roles do not cover `attachment.store`")
        row = attachments.keep(act, name, content)
    return Done("attachment", row.sha256, row.sha256, "KEPT", 1)


def decoded(content: str) -> bytes:
    """The bytes behind Base64 text.

    Raises:
        Invalid
    """
    try:
        return base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Invalid("文件内容不是 Base64", "the content is not Base64") from error
