"""Checkers: programs of a question's own that say whether an output is right, in the sandbox like any other.

They are called as Kattis' output validators are: with the files of the input and the answer and a folder, the output is
their input, and they exit with 42 (right) or 43 (wrong). Everything else is a fault of theirs.
"""

from pizarra.judging.comparing import Checker

RIGHT, WRONG = 42, 43
_PYTHON = """\
import os, runpy, sys
os.makedirs("feedback", exist_ok=True)
sys.argv = ["checker.py", "input.txt", "answer.txt", "feedback/"]
runpy.run_path("checker.py", run_name="__main__")
"""
_CPP = """\
#include <bits/stdc++.h>
#include <sys/stat.h>
#define main pizarra_checker
#include "checker.cpp"
#undef main
template <class F> int pizarra_call(F check) {
    static char name[] = "checker", input[] = "input.txt", answer[] = "answer.txt", folder[] = "feedback/";
    char* words[] = {name, input, answer, folder, nullptr};
    if constexpr (std::is_invocable_v<F, int, char**>) return check(4, words);
    else if constexpr (std::is_invocable_v<F, int, const char**>) return check(4, const_cast<const char**>(words));
    else return check();
}
int main() {
    mkdir("feedback", 0777);
    return pizarra_call(pizarra_checker);
}
"""


def checker_files(checker: Checker, given: str, answer: str) -> tuple[str, dict[str, str]]:
    """Return the file that is run, and every file of a checker's program, for one case."""
    data = {"input.txt": given, "answer.txt": answer}
    match checker.language:
        case "python":
            return "main.py", {"main.py": _PYTHON, "checker.py": checker.source, **data}
        case "cpp":
            return "main.cpp", {"main.cpp": _CPP, "checker.cpp": checker.source, **data}
