"""The surname a Chinese name begins with."""

import re

_TWO = frozenset(
    "欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台 "
    "皇甫 宗政 濮阳 公冶 太叔 申屠 公孙 慕容 仲孙 钟离 长孙 宇文 司徒 鲜于 司空 闾丘 "
    "子车 亓官 司寇 巫马 公西 颛孙 壤驷 公良 漆雕 乐正 宰父 谷梁 拓跋 夹谷 轩辕 令狐 "
    "段干 百里 呼延 东郭 南门 羊舌 微生 公户 公玉 梁丘 左丘 东门 西门 第五".split())
_HAN = re.compile("[\u3400-\u9fff\u3007\U00020000-\U0003134f]{2,6}")
_LONG = re.compile("[\u3400-\u9fff]{1,10}(?:\u00b7[\u3400-\u9fff]{1,10}){1,4}")
_LATIN = re.compile("[A-Za-z][A-Za-z.' -]{2,59}")


def surname(name: str) -> str:
    """The surname of a Chinese name, else the first sign; empty for what is no name.

    A name joined by dots keeps one sign, and so does one in Latin letters: where its surname
    stands cannot be told.
    """
    bare = name.replace(" ", "")
    if _HAN.fullmatch(bare):
        return bare[:2] if bare[:2] in _TWO and len(bare) > 2 else bare[0]
    return name[0] if _LONG.fullmatch(bare) or _LATIN.fullmatch(name) else ""
