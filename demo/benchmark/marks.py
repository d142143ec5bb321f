"""Texts between the marks of a page."""

import re
from collections.abc import Mapping


def between_marks(page: str, texts: Mapping[str, str], *, where: str) -> str:
    """The page with each of `texts` between `<!-- name -->` and `<!-- end of name -->`.

    Raises ValueError where `page`, which is called `where`, lacks a mark.
    """
    for name, text in texts.items():
        marks = re.compile(rf"<!-- {name} -->\n.*?<!-- end of {name} -->", re.DOTALL)
        found = marks.search(page)
        if found is None:
            raise ValueError(f"{where}: no marks for {name}; write <!-- {name} -->")
        page = page.replace(found[0], f"<!-- {name} -->\n{text}\n<!-- end of {name} -->")
    return page
