"""Every language in the browser: answer a program that asks, stop one that never ends, see an error at its line."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import picture
from tests.browser.test_story import create_session, join
from tests.harness.server import ServerProcess


@dataclass(frozen=True)
class Programs:
    """What somebody writes in a language."""

    asks: str
    endless: str
    broken: str
    error: str


PROGRAMS = {
    "python": Programs(
        'name = input("Your name? ")\nprint(f"Hello, {name}!")\n',
        "while True:\n    pass\n",
        "print(1)\nx = = 2\n",
        "main.py:2:1",
    ),
    "javascript": Programs(
        'const readline = require("readline").createInterface({ input: process.stdin, output: process.stdout });\n'
        'readline.question("Your name? ", (name) => {\n  console.log(`Hello, ${name}!`);\n  readline.close();\n});\n',
        "for (;;) {}\n",
        "let x = 1;\nlet y = = 2;\n",
        "main.js:2:1",
    ),
    "typescript": Programs(
        'import * as readline from "node:readline/promises";\n'
        "const io = readline.createInterface({ input: process.stdin, output: process.stdout });\n"
        'const name: string = await io.question("Your name? ");\nconsole.log(`Hello, ${name}!`);\nio.close();\n',
        "for (;;) {}\n",
        "let x: number = 1;\nlet y = = 2;\n",
        "main.ts:2:9",
    ),
    "java": Programs(
        "import java.util.Scanner;\n\npublic class Main {\n  public static void main(String[] args) {\n"
        '    System.out.print("Your name? ");\n'
        '    System.out.println("Hello, " + new Scanner(System.in).nextLine() + "!");\n  }\n}\n',
        "public class Main {\n  public static void main(String[] args) {\n    while (true) {}\n  }\n}\n",
        'public class Main {\n  int x = "text";\n}\n',
        "Main.java:2:11",
    ),
    "cpp": Programs(
        "#include <bits/stdc++.h>\n\nint main() {\n  std::string name;\n"
        '  std::cout << "Your name? ";\n  std::getline(std::cin, name);\n'
        '  std::cout << "Hello, " << name << "!" << std::endl;\n}\n',
        "int main() {\n  volatile int x = 0;\n  for (;;) x = x + 1;\n}\n",
        "int main() {\n  int x = nothing;\n}\n",
        "main.cpp:2:11",
    ),
}


def write(page: Page, code: str) -> None:
    """Replace the text of the open file, as somebody who pastes it."""
    page.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(code)
    expect(page.locator(".chip")).to_contain_text("saved")


@pytest.mark.parametrize("language", PROGRAMS)
def test_a_program_asks_and_everybody_sees_the_greeting(
    server: ServerProcess, person: Callable[..., Page], language: str
) -> None:
    programs = PROGRAMS[language]
    host, zoe = person(color_scheme="dark"), person()
    link = create_session(host, server, f"Greeting in {language}", "")
    join(zoe, link, "Zoë")
    host.get_by_label("Language").select_option(language)
    expect(zoe.locator(".language")).to_have_text(
        re.compile(language if language != "cpp" else r"C\+\+", re.IGNORECASE)
    )
    write(host, programs.asks)
    zoe.get_by_role("button", name="Run", exact=False).first.click()
    for page in (host, zoe):
        expect(page.locator(".tty")).to_contain_text("Your name?")
    zoe.locator(".tty textarea").focus()
    zoe.keyboard.type("Ada", delay=5)
    zoe.keyboard.press("Enter")
    for page in (host, zoe):
        expect(page.locator(".tty")).to_contain_text("Hello, Ada!")
        expect(page.locator(".run-state")).to_contain_text("exited 0")
    picture(zoe, f"greeting-{language}")

    write(host, programs.endless)
    host.locator(".cm-content").press("Control+Enter")
    expect(zoe.locator(".run-state")).to_contain_text("running")
    zoe.get_by_role("button", name="Stop").click()
    expect(host.locator(".run-state")).to_contain_text("stopped")

    write(host, programs.broken)
    host.locator(".cm-content").press("Control+Enter")
    ended = "exited 1" if language in ("python", "javascript") else "did not compile"
    expect(zoe.locator(".run-state")).to_contain_text(ended)
    expect(zoe.locator(".problems")).to_contain_text(programs.error)
    expect(zoe.locator(".cm-lintRange-error").first).to_be_visible()
    expect(zoe.locator(".cm-lint-marker-error")).to_be_visible()
    picture(zoe, f"error-{language}")
