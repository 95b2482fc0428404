"""C++'s libraries: folders of header files. What must be linked is the system's."""

import shutil
from pathlib import Path

from pizarra.sandbox.libraries.clients.order import Entry, Filled, Order, keep_files
from pizarra.sandbox.libraries.wanted import LibraryError

_SUFFIXES = {".h", ".hh", ".hpp", ".hxx", ".ipp", ".tpp", ".inl", ""}


def name_of(source: str) -> str:
    """Return a library's name: its folder's, or the one above when that is called `include`."""
    path = Path(source)
    return path.parent.name if path.name == "include" and path.parent.name else path.name


def fill(fresh: Path, before: Path, order: Order) -> Filled:
    """Put what is in the folders together into `include`."""
    wanted = order.sources(name_of)
    renamed = {}
    for key, source in wanted.items():
        if source.startswith("/") and Path(source).name != key:
            with_name = fresh / ".named" / key
            shutil.copytree(source, with_name)
            renamed[key] = str(with_name)
    sources = keep_files(fresh, before, wanted | renamed)
    shutil.rmtree(fresh / ".named", ignore_errors=True)
    for key, source in sources.items():
        if not any(
            each.suffix in _SUFFIXES for each in (fresh / source).rglob("*") if each.is_file()
        ):
            raise LibraryError(f"there are no header files in the folder of {key}")
        shutil.copytree(fresh / source, fresh / "include", dirs_exist_ok=True)
    return Filled([Entry(key, key, "", source) for key, source in sources.items()])
