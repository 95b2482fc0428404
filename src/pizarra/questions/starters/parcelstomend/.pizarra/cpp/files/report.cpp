#include "report.hpp"
#include "prices.hpp"
#include <algorithm>

static std::vector<std::string> lines;

static std::vector<Parcel> heaviest_first(std::vector<Parcel> parcels) {
    std::stable_sort(parcels.begin(), parcels.end(), [](const Parcel& one, const Parcel& other) { return one.grams < other.grams; });
    std::reverse(parcels.begin(), parcels.end());
    return parcels;
}

std::vector<std::string> report(const std::vector<Parcel>& parcels) {
    for (const Parcel& each : heaviest_first(parcels)) lines.push_back(each.code + " " + std::to_string(price(each)));
    lines.push_back("total " + std::to_string(total(parcels)));
    return lines;
}
