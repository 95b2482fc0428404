"""Several processes' figures as one text for Prometheus: each sample with the number of its process.

Not their sums: when a process is started anew its counters begin at zero, which a sum would show as a jump backwards,
and Prometheus as a jump forwards.
"""

from collections.abc import Mapping

_LABEL = b'worker="%d"'
_BEGIN = b"\n# HELP "


def labelled(figures: Mapping[int, bytes]) -> bytes:
    """Return all of them, what is counted under one name together, as the format wants it."""
    heads: dict[bytes, bytes] = {}  # what is said of a name: HELP and TYPE, the first to say it
    samples: dict[bytes, list[bytes]] = {}
    for number, text in sorted(figures.items()):
        label = _LABEL % number
        for part in (b"\n" + text).split(_BEGIN)[1:]:
            told, kind, *found = part.splitlines()
            name = told.partition(b" ")[0]
            heads.setdefault(name, b"%b%b\n%b" % (_BEGIN[1:], told, kind))
            samples.setdefault(name, []).extend(_with_label(each, label) for each in found)
    return b"".join(b"\n".join([heads[name], *samples[name], b""]) for name in samples)


def _with_label(line: bytes, label: bytes) -> bytes:
    """Return a sample with one more label, before its others."""
    name, brace, labels = line.partition(b"{")
    if b" " in name:  # it has none; a brace would be in no name
        name, _, value = line.partition(b" ")
        return b"%b{%b} %b" % (name, label, value)
    return b"%b%b%b,%b" % (name, brace, label, labels)
