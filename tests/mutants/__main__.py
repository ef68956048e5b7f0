"""``make mutants``: does a test notice each small wrong that could be done to the pure heart?

Every mutant of dialogs, providers and segments is judged in a copy of the tree. One that no test notices must stand in
``explained.toml`` with the reason why it cannot or need not be noticed; else the command fails and names it. So it does
for an explanation whose mutant is gone or is noticed by now.

``python -m tests.mutants providers segments`` judges these rings only, ``--only 'dialogs/report.py*'`` these mutants,
``--again`` what went unnoticed the last time (kept in ``var/mutants``).
"""

import argparse
import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from tests.mutants.mutations import Source
from tests.mutants.rings import RINGS, Ring
from tests.planted.__main__ import ROOT, copy

EXPLAINED = Path(__file__).with_name("explained.toml")
KEPT = ROOT / "var" / "mutants"
_OFTEN = 200


def main(arguments: Sequence[str]) -> int:
    """Judge the rings that are asked for; 1 if a mutant went unnoticed without a reason, or a reason is out of date."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.mutants", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("rings", nargs="*", choices=[*(ring.name for ring in RINGS), []], metavar="ring")
    parser.add_argument("--only", metavar="PATTERN", help="only mutants whose name is like this")
    parser.add_argument("--again", action="store_true", help="only what went unnoticed the last time")
    asked = parser.parse_args(arguments)
    reasons = explained(EXPLAINED.read_text(encoding="utf-8"))
    wrong = 0
    with copy() as tree:
        for ring in RINGS:
            if not asked.rings or ring.name in asked.rings:
                wrong += _ring(ring, tree, _chosen(ring, asked.only, again=asked.again), reasons)
    return 1 if wrong else 0


def explained(text: str) -> Mapping[str, str]:
    """The reason for each mutant that is let go; ``ValueError`` for one that is named twice or has no reason."""
    found: dict[str, str] = {}
    for group in tomllib.loads(text).get("explained", ()):
        for name in group["mutants"]:
            if name in found or not group["why"].strip():
                raise ValueError(f"{name}: named twice, or no reason")
            found[name] = group["why"]
    return found


def named(ring: Ring, root: Path = ROOT) -> Sequence[str]:
    """The names of all mutants of a ring."""
    return [mutant.name for path in ring.sources(root) for mutant in Source(path, (root / path).read_text()).mutants]


def findings(names: Sequence[str], unnoticed: set[str], judged: set[str], reasons: Mapping[str, str]) -> Iterator[str]:
    """What is wrong: mutants that live on without a reason, reasons without a mutant that lives on."""
    paths = {name.partition("::")[0] for name in names}
    for name in names:
        if name in unnoticed and name not in reasons:
            yield f"UNNOTICED  {name}"
    for name in reasons:
        if name.partition("::")[0] in paths and name not in names:
            yield f"NO SUCH    {name}"
        elif name in judged - unnoticed:
            yield f"NOTICED    {name} (its reason can go)"


def _chosen(ring: Ring, only: str | None, *, again: bool) -> Sequence[str]:
    names = named(ring)
    if again and (kept := KEPT / f"{ring.name}.txt").exists():
        before = set(kept.read_text(encoding="utf-8").splitlines())
        names = [name for name in names if name in before]
    return [name for name in names if only is None or fnmatchcase(name, only)]


def _ring(ring: Ring, tree: Path, chosen: Sequence[str], reasons: Mapping[str, str]) -> int:
    if not chosen:
        return 0
    said = {one["name"]: one for one in _judged(ring, tree, chosen)}
    unnoticed = {name for name, one in said.items() if not one["verdict"]}
    KEPT.mkdir(parents=True, exist_ok=True)
    (KEPT / f"{ring.name}.txt").write_text("".join(f"{name}\n" for name in chosen if name in unnoticed))
    found = list(findings(named(ring), unnoticed, set(said), reasons))
    for finding in found:
        print(finding)
    seconds = sum(one["seconds"] for one in said.values())
    print(
        f"{ring.name}: {len(said)} mutants, {len(said) - len(unnoticed)} noticed, "
        f"{len(unnoticed & reasons.keys())} explained, {len(unnoticed - reasons.keys())} neither ({seconds:.0f} s)",
        flush=True,
    )
    return len(found)


def _judged(ring: Ring, tree: Path, chosen: Sequence[str]) -> Iterator[dict[str, Any]]:
    names = tree / "chosen.txt"
    names.write_text("".join(f"{name}\n" for name in chosen), encoding="utf-8")
    command = [sys.executable, "-m", "tests.mutants.judge", ring.name, "--chosen", str(names)]
    with subprocess.Popen(command, cwd=tree, stdout=subprocess.PIPE, text=True, encoding="utf-8") as process:
        for count, line in enumerate(process.stdout or (), 1):
            yield (one := json.loads(line))
            if not one["verdict"]:
                # Told at once: the whole takes an hour on a busy machine, and may be cut short.
                print(f"{ring.name}: no test fails for {one['name']}", file=sys.stderr, flush=True)
            if count % _OFTEN == 0:
                print(f"{ring.name}: {count} of {len(chosen)}", file=sys.stderr, flush=True)
    if process.returncode:
        raise SystemExit(f"{ring.name} could not be judged")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
