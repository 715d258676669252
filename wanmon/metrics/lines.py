"""Sample lines of the Prometheus text formats: the one place that escapes label values."""

from collections.abc import Iterable, Mapping

from wanmon.metrics.catalog import METRIC

_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


def escape(text: str) -> str:
    """A label value as it stands between quotes; lone surrogates, which UTF-8 has not, become `?`."""
    return text.translate(_ESCAPES).encode("utf-8", "replace").decode()


def series(name: str, values: Iterable[str]) -> str:
    """`name{label="value",...}` with the labels that the catalogue gives the metric, in its order."""
    pairs = zip(METRIC[name].labels, values, strict=True)
    inner = ",".join(f'{label}="{escape(value)}"' for label, value in pairs)
    return f"{name}{{{inner}}}" if inner else name


def number(value: float) -> str:
    """A number as Go and Python both read it back; whole ones without a point, integers to the last digit."""
    if value != value:  # the only number unlike itself
        return "NaN"
    whole = isinstance(value, int) or (value.is_integer() and abs(value) < 1e15)
    return str(int(value)) if whole else repr(value)


def sample(name: str, values: Iterable[str], value: float) -> str:
    """One line."""
    return f"{series(name, values)} {number(value)}\n"


def encoded(families: Mapping[str, str]) -> dict[str, bytes]:
    """Families of text as bytes; empty ones are left out."""
    return {name: text.encode() for name, text in families.items() if text}
