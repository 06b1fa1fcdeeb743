"""What is left in English of a text that should be German."""

import re

from tasks.billing.wording.speech import words_of

# No German word is written like these.
_ENGLISH = re.compile(
    r"(?<![\w/.=-])"
    r"(the|of|is|are|not|and|or|with|from|for|by|yes|no|then|again|nothing|nobody|which|who"
    r"|drafts?|customers?|services?|lines?|months?|run|runs|days?|net|gross|warning|failed|invoiced)"
    r"(?![\w/=-])",
    re.IGNORECASE,
)


def english_left_in(text: str) -> list[str]:
    """English texts of the code, parts of them, and common English words; commands are left out."""
    text = re.sub("`[^`]*`", "", text.replace("\xa0", " "))
    found = [
        part for part in _parts() if re.search(rf"(?<![\w/=-]){re.escape(part)}(?![\w/=-])", text)
    ]
    return found + [word[0] for word in _ENGLISH.finditer(text)]


def _parts() -> set[str]:
    """What stands between the gaps of the English texts, and in no German one."""
    texts = words_of("de")["texts"]
    said = " ".join(texts.values())
    parts = {part.strip(" :;,.()") for text in texts for part in re.split(r"{\w+}", text)}
    return {part for part in parts if len(part) > 4 and part not in said}
