// Runs tests, and writes what came of each as JUnit does, to where XML_OUTPUT_FILE says; else it is printed.
#pragma once
#include <bits/stdc++.h>

struct Failure : std::runtime_error {
    using std::runtime_error::runtime_error;
};

inline void same(const std::string& expected, const std::string& got) {
    if (got != expected) throw Failure("expected " + expected + ", got " + got);
}

inline void same(std::optional<int> expected, std::optional<int> got) {
    auto shown = [](std::optional<int> value) { return value ? std::to_string(*value) : "nothing"; };
    same(shown(expected), shown(got));
}

class Check {
public:
    void test(const char* name, void (*body)()) {
        report_ += "<testcase name=\"" + escaped(name) + "\">";
        try {
            body();
        } catch (const Failure& failure) {
            report_ += "<failure message=\"" + escaped(failure.what()) + "\"/>";
        } catch (const std::exception& error) {
            report_ += "<error message=\"" + escaped(error.what()) + "\"/>";
        }
        report_ += "</testcase>\n";
    }

    int done() {
        std::string whole = "<testsuite>\n" + report_ + "</testsuite>\n";
        if (const char* path = std::getenv("XML_OUTPUT_FILE")) std::ofstream(path) << whole;
        else std::cout << whole;
        return 0;
    }

private:
    std::string report_;

    static std::string escaped(const std::string& text) {
        std::string out;
        for (unsigned char each : text) {
            if (std::strchr("&<>\"'\t\r\n", each) && each) out += "&#" + std::to_string(each) + ";";
            else out += each < ' ' ? '?' : static_cast<char>(each);
        }
        return out;
    }
};
