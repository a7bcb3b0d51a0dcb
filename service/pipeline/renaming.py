"""What a change of words is called, so that all that follows from it is one finding."""


def difference(old: str, new: str) -> tuple[str, str]:
    """Return the words in which two texts differ, without those before and behind.

    >>> difference("pain in the knee", "ache in the knee")
    ('pain', 'ache')
    """
    before, after = old.split(" "), new.split(" ")
    while before and after and before[0] == after[0]:
        before, after = before[1:], after[1:]
    while before and after and before[-1] == after[-1]:
        before, after = before[:-1], after[:-1]
    return " ".join(before), " ".join(after)


def reads_otherwise(old: str, new: str) -> str:
    """Return in words that a name reads otherwise, by the words that have changed.

    >>> reads_otherwise("joint pain", "joint ache")
    "'pain' reads 'ache' now"
    """
    before, after = difference(old, new)
    return f"'{before or old}' reads '{after or new}' now"
