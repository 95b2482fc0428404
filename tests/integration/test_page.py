"""The page as it is served: what a screen needs is named at once, files are compressed once and kept for ever."""

import base64
import hashlib
import re

import httpx2
import pytest

from pizarra.http.page import STATIC


@pytest.mark.parametrize(
    ("address", "screen"), [("/s/abc", "screen"), ("/s/abc/replay", "replay"), ("/j/abc", "join")]
)
async def test_the_first_answer_names_what_the_screen_imports(
    client: httpx2.AsyncClient, address: str, screen: str
) -> None:
    page = (await client.get(address)).text
    preloaded = re.findall(r'<link rel="modulepreload" crossorigin href="(/assets/[^"]+)"', page)
    assert any(f"/{screen}-" in name for name in preloaded)
    assert len(set(preloaded)) == len(preloaded)
    for name in preloaded:
        assert (await client.get(name)).status_code == 200


async def test_an_address_that_is_none_is_explained_to_a_person(client: httpx2.AsyncClient) -> None:
    browser = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    for address in ("/nope", "/j/", "/s"):
        found = await client.get(address, headers=browser)
        assert (found.status_code, found.headers["content-type"]) == (
            404,
            "text/html; charset=utf-8",
        )
        assert 'id="app"' in found.text
        assert "'nonce-" in found.headers["content-security-policy"]
        # a program is told as by every address of the API
        told = await client.get(address)
        assert (told.status_code, told.json()["code"]) == (404, "not_found")
    for address in ("/api/nope", "/assets/nope.js", "/health/nope"):
        told = await client.get(address, headers=browser)
        assert (told.status_code, told.headers["content-type"]) == (404, "application/problem+json")
    told = await client.post("/nope", headers=browser)
    assert (told.status_code, told.headers["content-type"]) == (404, "application/problem+json")


async def test_files_are_compressed_and_kept(client: httpx2.AsyncClient) -> None:
    name = next(
        path.name for path in (STATIC / "assets").iterdir() if path.name.startswith("screen-")
    )
    whole = (STATIC / "assets" / name).read_bytes()
    packed = await client.get(f"/assets/{name}", headers={"accept-encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "immutable" in packed.headers["cache-control"]
    assert "accept-encoding" in packed.headers["vary"].lower()
    assert packed.headers["content-type"].startswith("text/javascript")
    assert int(packed.headers["content-length"]) < len(whole)
    assert packed.content == whole
    plain = await client.get(f"/assets/{name}", headers={"accept-encoding": "gzip;q=0, identity"})
    assert "content-encoding" not in plain.headers
    assert "accept-encoding" in plain.headers["vary"].lower()
    assert plain.content == whole
    font = next(path.name for path in (STATIC / "assets").iterdir() if path.suffix == ".woff2")
    assert (
        "content-encoding"
        not in (await client.get(f"/assets/{font}", headers={"accept-encoding": "gzip"})).headers
    )


@pytest.mark.parametrize(
    "name",
    [
        "nothing.js",
        "../index.html",
        "..%2findex.html",
        "%2e%2e/manifest.json",
        "..%2fmanifest.json",
        "/etc/passwd",
    ],
)
async def test_nothing_else_is_served_as_a_file(client: httpx2.AsyncClient, name: str) -> None:
    for encoding in ("gzip", "identity"):
        answer = await client.get(f"/assets/{name}", headers={"accept-encoding": encoding})
        assert answer.status_code == 404
        assert answer.json()["title"] == "Not Found"


@pytest.mark.parametrize(
    "name", ["%00", "a" * 5000, "..%2f..%2fconfig.py", "a%0Ab.js", "", "none.js"]
)
@pytest.mark.parametrize("encoding", ["gzip", "identity"])
async def test_a_file_that_cannot_be_is_not_found(
    client: httpx2.AsyncClient, name: str, encoding: str
) -> None:
    answer = await client.get(f"/assets/{name}", headers={"accept-encoding": encoding})
    assert answer.status_code == 404
    assert {"content-security-policy", "x-content-type-options", "x-request-id"} <= set(
        answer.headers
    )


@pytest.mark.parametrize("wanted", ["bytes=abc", "bytes=99999999-", "bytes=0-1", "lines=1-2"])
async def test_a_file_is_served_whole(client: httpx2.AsyncClient, wanted: str) -> None:
    script = next(each.name for each in (STATIC / "assets").iterdir() if each.suffix == ".js")
    for path in ("/docs", "/favicon.svg", "/print.css", f"/assets/{script}"):
        whole = await client.get(path, headers={"accept-encoding": "identity"})
        for encoding in ("identity", "gzip"):
            headers = {"range": wanted, "accept-encoding": encoding}
            answer = await client.get(path, headers=headers)
            assert (answer.status_code, answer.content == whole.content) == (200, True)
        assert whole.headers["accept-ranges"] == "none"


async def test_a_search_has_a_length(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/api/sessions", params={"q": "x" * 200})).status_code == 200
    assert (await client.get("/api/sessions", params={"q": "x" * 50_001})).status_code == 422


def test_the_player_runs_what_was_built_into_it_and_nothing_else() -> None:
    page = (STATIC / "player.html").read_text()
    found = re.search(r'http-equiv="Content-Security-Policy"\s+content="([^"]+)"', page)
    assert found is not None
    assert "unsafe" not in found[1]
    for begin, end in (('<script type="module">', "</script>"), ("<style>", "</style>")):
        digest = hashlib.sha256(page.partition(begin)[2].partition(end)[0].encode()).digest()
        assert f"'sha256-{base64.b64encode(digest).decode()}'" in found[1]
