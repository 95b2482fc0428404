#include "parcels.hpp"
#include "report.hpp"
#include <iostream>

const char* LIST = R"(A1; 480; city
B2; 2000; country   # fragile

C3; 12300; islands
)";

int main() {
    for (const std::string& line : report(read_parcels(LIST))) std::cout << line << "\n";
}
