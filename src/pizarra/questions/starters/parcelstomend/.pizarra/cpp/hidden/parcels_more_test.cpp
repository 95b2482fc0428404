#include "check.hpp"
#include "parcels.hpp"
#include "report.hpp"

template <typename T>
static std::string joined(const std::vector<T>& values) {
    std::ostringstream out;
    for (size_t at = 0; at < values.size(); at++) out << (at ? ", " : "") << values[at];
    return out.str();
}

int main() {
    Check check;
    check.test("a list of one line", [] {
        auto parcels = read_parcels("A1;1;city");
        same("A1;1;city", joined(parcels));
    });
    check.test("a list of nothing", [] {
        auto parcels = read_parcels("# nobody\n\n");
        same("", joined(parcels));
    });
    check.test("limits belong to what is below them", [] {
        auto parcels = read_parcels("A;500;city\nB;2000;city\nC;10000;city\n");
        same("C 900, B 500, A 350, total 1750", joined(report(parcels)));
    });
    check.test("a gram more is the next step", [] {
        auto parcels = read_parcels("A;501;city\nB;2001;city\n");
        same("B 900, A 500, total 1400", joined(report(parcels)));
    });
    check.test("a kilogram begun counts", [] {
        auto parcels = read_parcels("A;10001;city\nB;11000;city\nC;11001;city\n");
        same("C 1140, B 1020, A 1020, total 3180", joined(report(parcels)));
    });
    check.test("nine parcels pay all", [] {
        auto parcels = read_parcels("A;1;city\nA;1;city\nA;1;city\nA;1;city\nA;1;city\nA;1;city\nA;1;city\nA;1;city\nA;1;city\n");
        same("A 350, A 350, A 350, A 350, A 350, A 350, A 350, A 350, A 350, total 3150", joined(report(parcels)));
    });
    check.test("ten parcels pay less", [] {
        auto parcels = read_parcels("A;1;city\nA;1;city\nA;1;city\nA;1;city\nA;1;city\nA;1;city\nA;1;city\nA;1;city\nA;1;city\nA;1;city\n");
        same("A 350, A 350, A 350, A 350, A 350, A 350, A 350, A 350, A 350, A 350, total 3325", joined(report(parcels)));
    });
    check.test("cents are rounded down once, at the end", [] {
        auto parcels = read_parcels("A;1;city\nA;1;city\nA;1;city\nA;1;city\nA;1;city\nA;1;city\nA;1;city\nA;1;city\nA;1;city\nA;1;city\nA;1;city\n");
        same("A 350, A 350, A 350, A 350, A 350, A 350, A 350, A 350, A 350, A 350, A 350, total 3657", joined(report(parcels)));
    });
    check.test("those of one weight stay in their order", [] {
        auto parcels = read_parcels("B;5;city\nA;5;country\nC;9;city\nD;5;city\n");
        same("C 350, B 350, A 450, D 350, total 1500", joined(report(parcels)));
    });
    check.test("nothing of a report is in the next", [] {
        auto parcels = read_parcels("A;1;city\n");
        report(parcels);
        same("A 350, total 350", joined(report(parcels)));
    });
    return check.done();
}
