"""What an unquoted YAML scalar means, by the YAML 1.2 core schema.

https://yaml.org/spec/1.2.2/#103-core-schema. The 1.1 rules of PyYAML read `NO` as false, `010` as
8, `1:30` as 90 and `1e-4` as text.
"""

import re

_WORDS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_WHOLE = re.compile(r"[-+]?[0-9]+")
_RADIX = re.compile(r"0o(?P<octal>[0-7]+)|0x(?P<hexadecimal>[0-9a-fA-F]+)")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_SPECIAL = re.compile(r"(?P<sign>[-+]?)\.(?P<inf>inf|Inf|INF)|\.(?P<nan>nan|NaN|NAN)")


def plain_scalar(text: str) -> str | int | float | bool | None:
    """What an unquoted YAML 1.2 scalar means.

    >>> plain_scalar("1e-4"), plain_scalar("NO"), plain_scalar("1:30"), plain_scalar("010")
    (0.0001, 'NO', '1:30', 10)
    """
    if text in _WORDS:
        return _WORDS[text]
    if _WHOLE.fullmatch(text):
        return int(text)
    if found := _RADIX.fullmatch(text):
        octal = found["octal"]
        return int(octal, 8) if octal else int(found["hexadecimal"], 16)
    if _FLOAT.fullmatch(text):
        return float(text)
    if found := _SPECIAL.fullmatch(text):
        return float("nan") if found["nan"] else float(f"{found['sign']}inf")
    return text
