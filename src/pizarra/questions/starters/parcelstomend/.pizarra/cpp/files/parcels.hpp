// Parcels, as the list of a day has them.
#pragma once
#include <ostream>
#include <string>
#include <vector>

struct Parcel {
    std::string code;
    int grams;
    std::string zone;

    bool operator==(const Parcel&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Parcel& parcel);

// The parcels of a list, `code;grams;zone` on each line.
std::vector<Parcel> read_parcels(const std::string& text);
