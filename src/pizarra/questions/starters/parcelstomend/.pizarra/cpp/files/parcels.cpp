#include "parcels.hpp"
#include <sstream>

static std::string stripped(const std::string& text) {
    size_t from = text.find_first_not_of(" \t\r");
    if (from == std::string::npos) return "";
    return text.substr(from, text.find_last_not_of(" \t\r") - from + 1);
}

static std::vector<std::string> split(const std::string& text, char at) {
    std::vector<std::string> parts(1);
    for (char each : text) {
        if (each == at) parts.emplace_back();
        else parts.back() += each;
    }
    return parts;
}

std::ostream& operator<<(std::ostream& out, const Parcel& parcel) {
    return out << parcel.code << ";" << parcel.grams << ";" << parcel.zone;
}

std::vector<Parcel> read_parcels(const std::string& text) {
    std::vector<Parcel> parcels;
    std::vector<std::string> lines = split(text, '\n');
    lines.pop_back();
    for (const std::string& whole : lines) {
        std::string line = stripped(split(whole, '#')[0]);
        if (line.empty()) continue;
        std::vector<std::string> parts = split(line, ';');
        parcels.push_back({stripped(parts.at(0)), std::stoi(parts.at(1)), stripped(parts.at(2))});
    }
    return parcels;
}
