"""Text of a router made harmless."""

import pytest

from wanmon.protocols.ssh.plain import one_line, plain, without


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("a\tb\r\nc", "a\tb\nc"),
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b[?2004hprompt", "prompt"),
        ("\x1b]0;title\x07after", "after"),
        ("\x1b]0;title\x1b\\after", "after"),
        ("\x1b]0;never ended\nafter", "\nafter"),
        ("\x1bPsecret\x1b\\after", "after"),
        ("\x1b(Bplain\x1b=", "plain"),
        ("\x9b31mred", "red"),
        ("\x1b", ""),
        ("typoo\x08 ok", "typo ok"),
        ("\x00\x07\x7f\x85", ""),
        ("abc\u202edef", "abcdef"),  # would show the rest from right to left
        ("B\u1eafc Ninh", "B\u1eafc Ninh"),
    ],
    ids=repr,
)
def test_only_what_can_be_seen_is_left(written, shown):
    assert shown == plain(written)


def test_one_line_is_one_line_of_no_more_than_was_asked_for():
    assert "a b" == one_line("a\n\n  b\x1b[0m")
    assert "x" * 80 == one_line("x" * 1_000_000)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("you said correct-horse-9, did you", "you said ***, did you"),
        ("correct-horse-9correct-horse-9", "***"),
        ("cut off: correct-ho", "cut off: ***"),
        ("rect-horse-9 is the end", "*** is the end"),
        ("a correct horse", "a correct horse"),
        ("word kiwi word", "word *** word"),
        ("kiwis", "kiwis"),
        ("abc", "abc"),
    ],
    ids=repr,
)
def test_what_a_router_repeats_of_a_secret_is_hidden(written, shown):
    """It got the password in confidence; what it makes of it goes into logs, metrics and the database."""
    assert shown == without(written, ("correct-horse-9", "kiwi", "abc"))
