"""The template files of this package, in which whatever users wrote stays text."""

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from artifact_torch.report import words


def template(name: str) -> Template:
    """The file `name`."""
    return _environment().get_template(name)


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("artifact_torch.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    made.filters.update(duration=words.duration, when=words.when, shortened=words.shortened)
    return made
