"""A program that tries to get out, in each language: it prints what it got, which must be nothing.

The whole set of attacks is in `test_sandbox.py`, from Python; this one shows that no runtime brings a way of its own.
"""

import pytest
from tests.harness.server import ServerProcess
from tests.integration.test_languages import run

_SCRIPT = """
const fs = require("fs"), net = require("net"), child = require("child_process");
const got = [];
const attempt = (name, action) => { try { action(); got.push(name); } catch { } };
attempt("shadow", () => fs.readFileSync("/etc/shadow"));
attempt("root", () => fs.writeFileSync("/x", "x"));
attempt("usr", () => fs.writeFileSync("/usr/x", "x"));
attempt("dev", () => fs.writeFileSync("/dev/x", "x"));
attempt("core_pattern", () => fs.writeFileSync("/proc/sys/kernel/core_pattern", "|/x"));
attempt("home", () => fs.readdirSync("/root"));
attempt("init", () => fs.readdirSync("/proc/1/root/home"));
attempt("memory of init", () => fs.openSync("/proc/1/mem", "r+"));
attempt("descriptors of the shim", () => fs.readdirSync("/proc/2/fd"));
attempt("uid", () => process.setuid(0));
attempt("mount", () => child.execSync("mount -t tmpfs x /work", { stdio: "ignore" }));
attempt("namespace", () => child.execSync("unshare -U true", { stdio: "ignore" }));
const processes = fs.readdirSync("/proc").filter((name) => Number(name) > 0).length;
if (processes > 8) got.push("the host's processes");
const socket = net.connect(80, "192.0.2.1");
socket.on("connect", () => { got.push("network"); socket.destroy(); });
socket.on("error", () => {});
socket.on("close", () => { console.log("got", ...got); process.exit(0); });
setTimeout(() => { console.log("got", ...got); process.exit(0); }, 1000);
"""
PROGRAMS = {
    "javascript": _SCRIPT,
    "typescript": _SCRIPT.replace("const got = [];", "const got: string[] = [];").replace(
        "(name, action)", "(name: string, action: () => void)"
    ),
    "java": """
import java.nio.file.*;
import java.net.*;
public class Main {
    interface Action { void run() throws Exception; }
    static StringBuilder got = new StringBuilder("got");
    static void attempt(String name, Action action) {
        try { action.run(); got.append(" " + name); } catch (Exception | Error refused) { }
    }
    static void program(String... command) throws Exception {
        if (new ProcessBuilder(command).start().waitFor() != 0) throw new Exception();
    }
    public static void main(String[] args) {
        attempt("shadow", () -> Files.readString(Path.of("/etc/shadow")));
        attempt("root", () -> Files.writeString(Path.of("/x"), "x"));
        attempt("usr", () -> Files.writeString(Path.of("/usr/x"), "x"));
        attempt("dev", () -> Files.writeString(Path.of("/dev/x"), "x"));
        attempt("core_pattern", () -> Files.writeString(Path.of("/proc/sys/kernel/core_pattern"), "x"));
        attempt("home", () -> Files.list(Path.of("/root")).count());
        attempt("init", () -> Files.list(Path.of("/proc/1/root/home")).count());
        attempt("descriptors of the shim", () -> Files.list(Path.of("/proc/2/fd")).count());
        attempt("mount", () -> program("mount", "-t", "tmpfs", "x", "/work"));
        attempt("namespace", () -> program("unshare", "-U", "true"));
        attempt("network", () -> new Socket().connect(new InetSocketAddress("192.0.2.1", 80), 500));
        attempt("threads", () -> {
            for (int made = 0; made < 500; made++) {
                Thread thread = new Thread(() -> { try { Thread.sleep(5000); } catch (InterruptedException e) { } });
                thread.setDaemon(true);
                thread.start();
            }
        });
        System.out.println(got);
        Runtime.getRuntime().halt(0);
    }
}
""",
    "cpp": """
#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <csignal>
#include <cstdio>
#include <sched.h>
#include <string>
std::string got = "got";
void attempt(const char* name, bool succeeded) { if (succeeded) got += std::string(" ") + name; }
int main() {
    attempt("shadow", open("/etc/shadow", O_RDONLY) >= 0);
    attempt("root", open("/x", O_CREAT | O_WRONLY, 0600) >= 0);
    attempt("usr", open("/usr/x", O_CREAT | O_WRONLY, 0600) >= 0);
    attempt("dev", open("/dev/x", O_CREAT | O_WRONLY, 0600) >= 0);
    attempt("core_pattern", open("/proc/sys/kernel/core_pattern", O_RDWR) >= 0);
    attempt("init", open("/proc/1/root/home", O_RDONLY) >= 0);
    attempt("memory of init", open("/proc/1/mem", O_RDWR) >= 0);
    attempt("descriptors of the shim", open("/proc/2/fd", O_RDONLY) >= 0);
    attempt("uid", setuid(0) == 0);
    attempt("mount", mount("x", "/work", "tmpfs", 0, nullptr) == 0);
    attempt("namespace", unshare(CLONE_NEWUSER) == 0);
    attempt("trace", ptrace(PTRACE_SEIZE, 1, 0, 0) == 0);
    attempt("vsock", socket(40, SOCK_STREAM, 0) >= 0);
    attempt("packets", socket(AF_PACKET, SOCK_RAW, 0) >= 0);
    attempt("io_uring", syscall(425, 8, nullptr) >= 0);
    attempt("keys", syscall(SYS_keyctl, 0, -3, 0, 0, 0) >= 0);
    attempt("bpf", syscall(SYS_bpf, 0, nullptr, 0) >= 0);
    attempt("perf", syscall(SYS_perf_event_open, nullptr, 0, -1, -1, 0) >= 0);
    attempt("userfaultfd", syscall(SYS_userfaultfd, 0) >= 0);
    sockaddr_in there{};
    there.sin_family = AF_INET;
    there.sin_port = htons(80);
    inet_pton(AF_INET, "192.0.2.1", &there.sin_addr);
    attempt("network", connect(socket(AF_INET, SOCK_STREAM, 0), (sockaddr*)&there, sizeof there) == 0);
    int made = 0;
    while (made < 500) {
        pid_t child = fork();
        if (child < 0) break;
        if (child == 0) { sleep(5); _exit(0); }
        made++;
    }
    attempt("processes", made > 256);
    std::puts(got.c_str());
}
""",
}


@pytest.mark.parametrize("language", PROGRAMS)
def test_a_program_gets_nothing(sqlite_server: ServerProcess, language: str) -> None:
    result = run(sqlite_server, language, PROGRAMS[language])
    # The JVM prints a warning of its own when it may not start a thread.
    assert result["stdout"].splitlines()[-1] == "got", result
