"""Templates of a planet's own, which go before ours: looked through at the start, so that a slip in one stops that.

Django would find it when somebody asks for a page, and then all who ask get an error.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.template import Engine, Node, TemplateDoesNotExist, TemplateSyntaxError
from django.template.base import FilterExpression
from django.template.defaulttags import URLNode
from django.template.loader_tags import ExtendsNode, IncludeNode
from django.template.utils import get_app_template_dirs
from django.templatetags.static import StaticNode
from django.urls import get_resolver

from aggregator.own.template_files import templates_in

WAY_OUT = "Mend it, or move it away; then start again."


def refuse_broken() -> None:
    """Raises ImproperlyConfigured if pages can't be made of one of them. Those that can are in memory then."""
    if found := list(faults()):
        raise ImproperlyConfigured("\n".join(found))


def check_templates(**kwargs: Any) -> list[checks.CheckMessage]:
    """The same for `manage.py check`; and a warning for those that nothing asks for."""
    errors = [checks.Error(said, id="aggregator.E001") for said in faults()]
    if errors:
        return [*errors]
    return [
        checks.Warning(
            f"{path} is used by no page: none of our templates has this name. Those that can be replaced "
            f"are in {Path(settings.BASE_DIR) / 'templates'}.",
            id="aggregator.W002",
        )
        for path in _unused()
    ]


def faults() -> Iterator[str]:
    """What is wrong with each of them that can't be used, in a sentence with file and line."""
    try:
        paths = templates_in(_folder())
    except OSError as error:
        yield f"The folder of templates can't be read: {error}. {WAY_OUT}"
        return
    for path in paths:
        try:
            said = next(_missing_in(_name_of(path), _nodes_of(path)), "")
        except TemplateSyntaxError as error:
            token = getattr(error, "token", None)
            words = getattr(error, "raw_error_message", error)  # from Django 6.1 on, `error` names the file once more
            said = f"{f', line {token.lineno}' if token else ''}: {words}"
        except UnicodeDecodeError as error:
            said = f": it is no text in UTF-8 ({error})"
        except (OSError, TemplateDoesNotExist) as error:
            said = f": it can't be read ({error})"
        if said:
            yield f"The template {path}{said.rstrip('.')}. {WAY_OUT}"


def _folder() -> Path:
    return Path(settings.DATA_DIR) / settings.OWN_TEMPLATES


def _nodes_of(path: Path) -> list[Node]:
    return list(Engine.get_default().get_template(_name_of(path)).nodelist.get_nodes_by_type(Node))


def _name_of(path: Path) -> str:
    return path.relative_to(_folder()).as_posix()


def _missing_in(template: str, nodes: list[Node]) -> Iterator[str]:
    """What they ask for and isn't there, as far as that is written in them: Django looks for it when a page is made."""
    for node in nodes:
        if isinstance(node, IncludeNode) and _template_named_by(node) == template:
            yield f"{_line(node)}: it includes itself, without end"
        if (name := _template_named_by(node)) and not _has_template(name):
            yield f"{_line(node)}: there is no template {name!r}"
        if isinstance(node, URLNode) and not node.asvar and (name := _text(node.view_name)) and not _is_address(name):
            yield f"{_line(node)}: {{% url %}} knows no {name!r}"
        if isinstance(node, StaticNode) and (name := _text(node.path)) and not finders.find(name):
            yield f"{_line(node)}: there is no static file {name!r}"


def _line(node: Node) -> str:
    return f", line {node.token.lineno}" if node.token else ""


def _template_named_by(node: Node) -> str:
    if isinstance(node, IncludeNode):
        return _text(node.template)
    return _text(node.parent_name) if isinstance(node, ExtendsNode) else ""


def _text(expression: FilterExpression | Node) -> str:
    """What an expression says, where it is written out; empty where a page will tell."""
    if not isinstance(expression, FilterExpression) or expression.filters:
        return ""
    return str(expression.var) if isinstance(expression.var, str) else ""


def _has_template(name: str) -> bool:
    try:
        Engine.get_default().get_template(name)
    except TemplateDoesNotExist:
        return False
    except (TemplateSyntaxError, UnicodeDecodeError, OSError):  # told of by itself
        return True
    return True


def _is_address(name: str) -> bool:
    namespace, _, _ = name.partition(":")
    resolver = get_resolver()
    return namespace in resolver.namespace_dict if ":" in name else name in resolver.reverse_dict


def _unused() -> Iterator[Path]:
    """Those that take no template's place, and that no other one of them names."""
    paths = templates_in(_folder())
    named = {_template_named_by(node) for path in paths for node in _nodes_of(path)}
    folders = [Path(str(folder)) for folder in (*Engine.get_default().dirs, *get_app_template_dirs("templates"))]
    for path in paths:
        name = _name_of(path)
        if name not in named and not any((folder / name).is_file() for folder in folders if folder != _folder()):
            yield path
