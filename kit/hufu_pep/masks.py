"""The folder of treatments, wherever it was copied: beside this one, or at the top."""

try:
    from ..hufu_mask import TREATMENTS, CannotMask, Key, mask
except ImportError:  # this folder stands at the top
    from hufu_mask import TREATMENTS, CannotMask, Key, mask  # type: ignore[import-not-found,no-redef]

__all__ = ["TREATMENTS", "CannotMask", "Key", "mask"]
