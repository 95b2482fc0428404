// The report of a day.
#pragma once
#include "parcels.hpp"

// The lines of a report.
std::vector<std::string> report(const std::vector<Parcel>& parcels);
