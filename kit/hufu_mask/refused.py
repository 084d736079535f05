"""The one error of this module."""


class CannotMask(ValueError):
    """An order that cannot be carried out: the field must not be returned.

    The message names what to mend and never holds the value.
    """
