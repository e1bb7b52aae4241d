"""The list of failpoints and the effects that have none, read from the source: no list is kept by hand.

A call that changes something outside the process's memory must stand in a `with effect("room.verb")`. Where it does
not, the function that makes it is *bare*, and every call of that function must stand in one, or in a function that is
bare in turn; a bare function that nobody calls by name is an effect without a failpoint.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Final

HOUSE: Final = Path(__file__).resolve().parent.parent
ROOMS: Final = ("commands", "consent_gate", "handover", "pipeline", "storage")
"""Of the product; `lexicon` has words alone, and `demo` makes invented records outside any station."""

NAME: Final = re.compile(r"[a-z][a-z0-9-]*\.[a-z][a-z0-9-]*")

_SYSTEM: Final = re.compile(
    r"os\.(f?chmod|f?chown|fsync|fdatasync|f?truncate|link|makedirs|mkdir|remove|removedirs|rename|renames|replace|rmdir"
    r"|symlink|unlink|utime)"
    r"|shutil\.(rmtree|move|copy\w*|make_archive|unpack_archive)"
    r"|tempfile\.(mkdtemp|mkstemp|TemporaryDirectory|NamedTemporaryFile|TemporaryFile)"
    r"|subprocess\.\w+|pytesseract\.run_tesseract"
)
_PATH: Final = re.compile(
    r"(chmod|hardlink_to|mkdir|rename|rmdir|symlink_to|touch|unlink|write_bytes|write_text|extractall)"
)
_VERB: Final = re.compile(
    r"(\w+\.)*_?(spool|quarantine)\.(write|destroy|sweep)|(\w+\.)*_?host\.(create|head|read|delete|list)"
    r"|\w*connection\.(commit|backup|executescript)|(\w+\.)*session\.commit"
)
_WRITES: Final = re.compile(r"[rwabxt+]*[wax+][rwabxt+]*")
_READS_ONLY: Final = "O_RDONLY"


@dataclass(frozen=True, slots=True)
class Failpoint:
    """One place that names an effect: it has a point before it and a point after it."""

    name: str
    module: str
    function: str


@dataclass(frozen=True, slots=True)
class Effect:
    """One call that changes something, and whether it stands in a `with effect(...)`."""

    module: str
    function: str
    line: int
    what: str
    guarded: bool

    @property
    def place(self) -> str:
        return f"{self.module}:{self.line} {self.function}"

    @property
    def key(self) -> str:
        """As a list of exceptions names it: lines move."""
        return f"{self.module}:{self.function}:{self.what}"


Function = tuple[str, str]
"""Module (as a path) and qualified name."""


@dataclass
class _Module:
    """What one module calls, defines and imports."""

    path: str
    imported: dict[str, Function] = field(default_factory=dict)
    """Local name -> the function that it stands for, in whatever module."""
    rooms: dict[str, str] = field(default_factory=dict)
    """Local name -> the module that it stands for."""
    constants: dict[str, str] = field(default_factory=dict)
    takes_effect: set[str] = field(default_factory=set)
    """Functions that are given the name of their effect."""
    failpoints: list[Failpoint] = field(default_factory=list)
    unnamed: list[Effect] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    calls: list[tuple[Function, Effect]] = field(default_factory=list)


class _Reader(ast.NodeVisitor):
    """Walks one module, knowing in which function it is and whether an effect's block is open."""

    def __init__(self, module: _Module) -> None:
        self._module = module
        self._where: list[str] = []
        self._classes: list[str] = []
        self._guarded = False

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._classes.append(node.name)
        self._inside(node.name, node)
        self._classes.pop()

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._inside(node.name, node)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        before, self._guarded = self._guarded, False
        self.generic_visit(node)
        self._guarded = before

    def visit_With(self, node: ast.With) -> None:
        before = self._guarded
        for place in node.items:
            self.visit(place)
            self._guarded = self._guarded or _names_an_effect(place.context_expr)
        for statement in node.body:
            self.visit(statement)
        self._guarded = before

    def visit_Call(self, node: ast.Call) -> None:
        self.generic_visit(node)
        callee = ast.unparse(node.func)
        self._note_name(node, callee)
        here = Effect(self._module.path, ".".join(self._where), node.lineno, callee, self._guarded)
        if self._is_effect(node, callee):
            self._module.effects.append(here)
        if (called := self._resolved(callee)) is not None:
            self._module.calls.append((called, here))

    def _inside(self, name: str, node: ast.ClassDef | ast.FunctionDef) -> None:
        before, self._guarded = self._guarded, False
        self._where.append(name)
        self.generic_visit(node)
        self._where.pop()
        self._guarded = before

    def _note_name(self, node: ast.Call, callee: str) -> None:
        """A name is given to `effect`, to `Database.write`, or to a function that passes it on."""
        last = callee.rpartition(".")[2]
        given = node.args[0] if node.args else None
        commits = re.fullmatch(r"(\w+\.)*_?database\.write(_connection)?", callee) is not None
        if not (last == "effect" or commits or last in self._module.takes_effect):
            return
        if isinstance(given, ast.Constant) and isinstance(given.value, str) and NAME.fullmatch(given.value):
            self._module.failpoints.append(Failpoint(given.value, self._module.path, ".".join(self._where)))
        elif not (isinstance(given, ast.Name) and given.id == "effect"):
            self._module.unnamed.append(
                Effect(self._module.path, ".".join(self._where), node.lineno, callee, guarded=False)
            )

    def _is_effect(self, node: ast.Call, callee: str) -> bool:
        if _SYSTEM.fullmatch(callee) or _VERB.fullmatch(callee):
            return True
        name = callee.rpartition(".")[2]
        if callee == "os.open":
            return _READS_ONLY not in self._flags(node)
        if name == "open":
            return any(
                isinstance(mode, ast.Constant) and isinstance(mode.value, str) and bool(_WRITES.fullmatch(mode.value))
                for mode in [*node.args, *(k.value for k in node.keywords)]
            )
        if not isinstance(node.func, ast.Attribute):
            return False
        replaces = name == "replace" and len(node.args) == 1 and not node.keywords
        return replaces or _PATH.fullmatch(name) is not None

    def _flags(self, node: ast.Call) -> str:
        said = ast.unparse(node.args[1]) if len(node.args) > 1 else ""
        return self._module.constants.get(said, said)

    def _resolved(self, callee: str) -> Function | None:
        """The function of ours that a call names, where its text says so."""
        module, (first, _, rest) = self._module, callee.partition(".")
        if not rest:
            return module.imported.get(first, (module.path, first))
        if first in {"self", "cls"} and self._classes and "." not in rest:
            return (module.path, f"{self._classes[-1]}.{rest}")
        if first in module.rooms and "." not in rest:
            return (module.rooms[first], rest)
        return None


def _names_an_effect(context: ast.expr) -> bool:
    return isinstance(context, ast.Call) and ast.unparse(context.func) == "effect"


def _module_file(dotted: str) -> str:
    package = HOUSE / dotted.replace(".", "/")
    return f"{dotted.replace('.', '/')}/__init__.py" if package.is_dir() else f"{dotted.replace('.', '/')}.py"


def _read(path: str, text: str) -> _Module:
    tree, module = ast.parse(text), _Module(path)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.partition(".")[0] in ROOMS:
            for alias in node.names:
                local, whole = alias.asname or alias.name, f"{node.module}.{alias.name}"
                if (HOUSE / _module_file(whole)).exists():
                    module.rooms[local] = _module_file(whole)
                else:
                    module.imported[local] = (_module_file(node.module), alias.name)
        if isinstance(node, ast.FunctionDef) and "effect" in [a.arg for a in node.args.args]:
            module.takes_effect.add(node.name)
    for node in tree.body:
        target = node.target if isinstance(node, ast.AnnAssign) else None
        if isinstance(target, ast.Name) and isinstance(node, ast.AnnAssign) and node.value is not None:
            module.constants[target.id] = ast.unparse(node.value)
    _Reader(module).visit(tree)
    return module


def sources() -> Mapping[str, str]:
    """Every module of the rooms: path in the house -> text. The failpoints' own module is not among them."""
    paths = sorted(path for room in ROOMS for path in (HOUSE / room).rglob("*.py"))
    found = {path.relative_to(HOUSE).as_posix(): path.read_text(encoding="utf-8") for path in paths}
    return {path: text for path, text in found.items() if path != "storage/effects.py"}


def failpoints(texts: Mapping[str, str] | None = None) -> tuple[Failpoint, ...]:
    """Every failpoint, by name; one that is named in several places stands there several times."""
    modules = [_read(path, text) for path, text in (texts or sources()).items()]
    return tuple(sorted((one for m in modules for one in m.failpoints), key=lambda f: (f.name, f.module, f.function)))


@cache
def points() -> tuple[str, ...]:
    """Every point that can be armed: each failpoint's `before` and `after`. Not for two threads at the first time."""
    names = sorted({one.name for one in failpoints()})
    return tuple(f"{name}:{side}" for name in names for side in ("before", "after"))


def without_a_failpoint(texts: Mapping[str, str], allowed: Mapping[str, str]) -> list[str]:
    """Effects that no failpoint stands around. `allowed`: pattern of `module:function:call` -> why not there."""
    modules = [_read(path, text) for path, text in texts.items()]
    calls: defaultdict[Function, list[Effect]] = defaultdict(list)
    for module in modules:
        for called, where in module.calls:
            calls[_constructor(called)].append(where)
    named = [f"{e.place}: {e.what} is not given its effect's name" for module in modules for e in module.unnamed]
    bare = [effect for module in modules for effect in module.effects if not effect.guarded]
    asked = [effect for effect in bare if not any(fnmatchcase(effect.key, pattern) for pattern in allowed)]
    return sorted(named + [text for effect in asked for text in _open_ways(effect, calls)])


def _open_ways(effect: Effect, calls: Mapping[Function, Sequence[Effect]]) -> Iterator[str]:
    """The functions by which an effect is reached while no failpoint's block is open."""
    seen, waiting = {(effect.module, effect.function)}, [(effect.module, effect.function)]
    ends = False
    while waiting:
        function = waiting.pop()
        callers = calls.get(_constructor(function), ())
        if not callers:
            yield f"{effect.place}: {effect.what} has no failpoint, reached from {':'.join(function)}"
        ends = ends or not callers or any(caller.guarded for caller in callers)
        for caller in callers:
            place = (caller.module, caller.function)
            if not caller.guarded and place not in seen:
                seen.add(place)
                waiting.append(place)
    if not ends:
        yield f"{effect.place}: {effect.what} has no failpoint, in functions that call each other"


def _constructor(function: Function) -> Function:
    """A class is called by its name."""
    return (function[0], function[1].removesuffix(".__init__"))


def effects_in(texts: Mapping[str, str]) -> Iterator[Effect]:
    """Every effect that was seen, guarded or not."""
    for path, text in texts.items():
        yield from _read(path, text).effects
