"""Which libraries programs may import: said where the language is chosen, before joining, and during the interview."""

import re
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import picture
from tests.harness import libraries
from tests.harness.axe import violations
from tests.harness.ports import wait_until
from tests.harness.server import ServerProcess, server_process

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}}


def _until_known(server: ServerProcess) -> None:
    """Wait until the server has tried out its languages, and seen what was added while it ran."""

    def is_known() -> bool:
        found = httpx2.get(f"{server.url}/api/languages").json()
        return all(each["runnable"] and each["libraries"] for each in found)

    wait_until(is_known, "its languages with their libraries", seconds=120)


def test_a_candidate_knows_the_libraries_before_joining_and_uses_one(
    tmp_path_factory: pytest.TempPathFactory, person: Callable[..., Page]
) -> None:
    data, sources = tmp_path_factory.mktemp("server"), tmp_path_factory.mktemp("sources")
    with libraries.open_folder() as folder, server_process(data, libraries_dir=folder) as server:
        libraries.add_all(folder, sources)
        _until_known(server)
        host, zoe = person(), person(locale="es-ES", **PHONE)
        host.goto(server.url)
        host.get_by_role("button", name="New session").first.click()
        form = host.get_by_role("form", name="New session")
        expect(form).to_contain_text("tinypy 1.2")
        form.get_by_label("Language").select_option("java")
        expect(form).not_to_contain_text("tinypy")
        form.get_by_label("Language").select_option("python")
        form.get_by_label("Starter code").fill("import tinypy\nprint(tinypy.twice(21))\n")
        form.get_by_role("button", name="Create and copy link").click()
        expect(host.locator(".cm-content")).to_be_visible()
        expect(host.get_by_label("Language")).to_have_attribute(
            "title", re.compile(r"^Python 3\.[\d.]+ · tinypy 1\.2$")
        )
        link = host.evaluate("() => navigator.clipboard.readText()")
        zoe.goto(link)
        told = zoe.locator(".libraries")
        expect(told).to_contain_text("Lo que los programas pueden usar")
        expect(told.locator("div", has_text="Python")).to_contain_text("tinypy 1.2")
        expect(told.locator("div", has_text="TypeScript")).to_contain_text("tinyjs 3.4.5")
        picture(zoe, "es-join-libraries-390")
        assert violations(zoe) == []
        zoe.get_by_label("Tu nombre").fill("Zoë")
        zoe.get_by_role("button", name="Entrar", exact=True).click()
        expect(zoe.locator(".cm-content")).to_contain_text("import tinypy")
        zoe.get_by_role("button", name="Ejecutar el programa").click()
        expect(zoe.locator(".run-state")).to_contain_text("salió con 0")
        expect(host.locator(".xterm-rows")).to_contain_text("42")
        host.get_by_role("button", name="Keys and help").click()
        expect(host.get_by_role("dialog")).to_contain_text("tinypy 1.2")
        assert violations(host) == []
