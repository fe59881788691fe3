"""Program: a binary and what its version resource says. Owns the look-up; the list stands in `content/range/programs.yml`."""

from dataclasses import dataclass
from functools import cache

from watchkeeper.cyberrange.tables import named


@dataclass(frozen=True, slots=True)
class Program:
    """A binary; `-` stands for what its version resource does not say."""

    image: str
    """Full path; may hold `<places>` such as the user's name."""
    command: str
    """Command line it usually has."""
    description: str
    original: str
    company: str
    product: str
    version: str


@cache
def program(name: str) -> Program:
    """Give the program of that short name; a path names an unknown binary without version resource.

    Raises:
        KeyError: the name is not in the list.
    """
    if "\\" in name:
        return Program(name, f'"{name}"', "-", "-", "-", "-", "-")
    entry = named("programs", "programs")[name]
    image = entry["image"]
    vendor = entry.get("company", "Microsoft Corporation")
    microsoft = vendor == "Microsoft Corporation"
    return Program(
        image=image,
        command=entry.get("command", f'"{image}"'),
        description=entry.get("description", name),
        original=entry.get("original", image.rpartition("\\")[2]),
        company=vendor,
        product=entry.get("product", "Microsoft® Windows® Operating System" if microsoft else vendor),
        version=entry.get("version", "10.0.19041.3996 (WinBuild.160101.0800)" if microsoft else "4.2.17.0"),
    )
