"""The page as it is served: what a screen needs is named at once, files are compressed once and kept for ever."""

import re

import httpx2
import pytest

from pizarra.page import STATIC


@pytest.mark.parametrize(("address", "screen"), [("/s/abc", "screen"), ("/s/abc/replay", "replay"), ("/j/abc", "join")])
async def test_the_first_answer_names_what_the_screen_imports(
    client: httpx2.AsyncClient, address: str, screen: str
) -> None:
    page = (await client.get(address)).text
    preloaded = re.findall(r'<link rel="modulepreload" crossorigin href="(/assets/[^"]+)"', page)
    assert any(f"/{screen}-" in name for name in preloaded)
    assert len(set(preloaded)) == len(preloaded)
    for name in preloaded:
        assert (await client.get(name)).status_code == 200


async def test_files_are_compressed_and_kept(client: httpx2.AsyncClient) -> None:
    name = next(path.name for path in (STATIC / "assets").iterdir() if path.name.startswith("screen-"))
    whole = (STATIC / "assets" / name).read_bytes()
    packed = await client.get(f"/assets/{name}", headers={"accept-encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "immutable" in packed.headers["cache-control"]
    assert "accept-encoding" in packed.headers["vary"].lower()
    assert packed.headers["content-type"].startswith("text/javascript")
    assert int(packed.headers["content-length"]) < len(whole)
    assert packed.content == whole
    plain = await client.get(f"/assets/{name}", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == whole
    font = next(path.name for path in (STATIC / "assets").iterdir() if path.suffix == ".woff2")
    assert "content-encoding" not in (await client.get(f"/assets/{font}", headers={"accept-encoding": "gzip"})).headers


@pytest.mark.parametrize(
    "name",
    ["nothing.js", "../index.html", "..%2findex.html", "%2e%2e/manifest.json", "..%2fmanifest.json", "/etc/passwd"],
)
async def test_nothing_else_is_served_as_a_file(client: httpx2.AsyncClient, name: str) -> None:
    for encoding in ("gzip", "identity"):
        answer = await client.get(f"/assets/{name}", headers={"accept-encoding": encoding})
        assert answer.status_code == 404
        assert answer.json()["title"] == "Not Found"
