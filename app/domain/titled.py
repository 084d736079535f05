"""Vocabulary members that carry their Chinese and English titles with them."""

from enum import Enum


class Titled(str, Enum):
    """A code that is a string and knows its two titles: `DRAFT = "DRAFT", "草稿", "Draft"`."""

    zh: str
    en: str

    def __new__(cls, code: str, zh: str, en: str):
        member = str.__new__(cls, code)
        member._value_ = code
        member.zh = zh
        member.en = en
        return member

    def __str__(self) -> str:
        return self.value
