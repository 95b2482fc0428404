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
    check.test("a list is read", [] {
        auto parcels = read_parcels("A1; 480; city\n\nB2;2000;country # fragile\n");
        same("A1;480;city, B2;2000;country", joined(parcels));
    });
    check.test("a report has a line for each parcel and the total", [] {
        auto parcels = read_parcels("A1;480;city\nB2;12300;islands\nC3;700;country\n");
        same("B2 1660, C3 600, A1 350, total 2610", joined(report(parcels)));
    });
    check.test("a last line without a line end counts", [] {
        auto parcels = read_parcels("A1;480;city\nB2;20;city");
        same("A1;480;city, B2;20;city", joined(parcels));
    });
    return check.done();
}
