// What parcels cost, in cents.
#pragma once
#include "parcels.hpp"

int price(const Parcel& parcel);
int by_weight(int grams);
int total(const std::vector<Parcel>& parcels);
