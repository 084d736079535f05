"""Rule files in YAML, read strictly: nothing said twice, one top member where it is named."""

from pathlib import Path
from typing import Any

import yaml


class BadRule(ValueError):
    """A rule file cannot be taken; the sentence names file, entry and member."""


class _Strict(yaml.SafeLoader):
    """Safe YAML in which a key may stand once."""

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        twice = {str(key) for key in keys if keys.count(key) > 1}
        if twice:
            raise yaml.constructor.ConstructorError(
                None, None, f"key `{min(twice)}` stands twice", node.start_mark)
        return super().construct_mapping(node, deep)


def document(path: Path, top: str = "") -> Any:
    """The members the file holds, or the value of its one member ``top``.

    Raises:
        BadRule
    """
    try:
        value = _Strict(path.read_text(encoding="utf-8")).get_single_data()
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadRule(f"{path.name} is not YAML: {error}") from None
    if not isinstance(value, dict) or (top and set(value) != {top}):
        raise BadRule(f"{path.name} must hold `{top or 'sections'}` and nothing else")
    return value[top] if top else value
