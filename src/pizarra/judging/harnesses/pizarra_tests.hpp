// Has a test program go on in another process, and tells what it reported; see `pizarra_tests.py`, which does the same.
#pragma once
#include <bits/stdc++.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace pizarra_tests {

static void write_all(const std::string& text) {
    for (size_t done = 0; done < text.size();) {
        ssize_t count = ::write(1, text.data() + done, text.size() - done);
        if (count <= 0) return;
        done += count;
    }
}

static std::string read_all(int descriptor, size_t most) {
    std::string found;
    char part[4096];
    ssize_t count;
    while (found.size() < most && (count = ::read(descriptor, part, sizeof part)) > 0) found.append(part, count);
    return found;
}

// Before anything of the answer begins: what stays here runs none of it.
__attribute__((constructor(101))) static void watch() {
    std::string path = "/tmp/pizarra-" + std::to_string(getpid()) + ".xml";
    sigset_t ended, before;
    sigemptyset(&ended);
    sigaddset(&ended, SIGCHLD);
    sigprocmask(SIG_BLOCK, &ended, &before);
    pid_t tests = fork();
    if (tests == 0) {
        sigprocmask(SIG_SETMASK, &before, nullptr);
        int nothing = open("/dev/null", O_RDONLY);
        dup2(nothing, 0);
        close(nothing);
        setenv("XML_OUTPUT_FILE", path.c_str(), 1);
        return;
    }
    timespec left{(time_t)(__SECONDS__), (long)((__SECONDS__ - (time_t)(__SECONDS__)) * 1e9)};
    bool late = tests > 0 && sigtimedwait(&ended, nullptr, &left) < 0;
    if (late) kill(tests, SIGKILL);
    int how = 0;
    waitpid(tests, &how, 0);
    if (WIFSIGNALED(how) && !late) std::fprintf(stderr, "The tests ended by signal %d.\n", WTERMSIG(how));
    int report = open(path.c_str(), O_RDONLY);
    std::string told = report < 0 ? "" : read_all(report, __MOST_BYTES__);
    std::string word = read_all(0, 64);
    word = word.substr(0, word.find('\n'));
    write_all("\x1f" + word + (late ? " timeout\n" : " done\n") + told + "\n\x1f" + word + " .\n");
    std::fflush(stderr);
    _exit(0);
}

}  // namespace pizarra_tests
