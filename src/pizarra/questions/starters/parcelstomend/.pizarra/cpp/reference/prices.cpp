#include "prices.hpp"
#include <array>
#include <map>

struct Step {
    int most;  // up to so many grams
    int cents;
};

static const std::array<Step, 3> STEPS{{{500, 350}, {2000, 500}, {10000, 900}}};
static const int BEYOND = 120;  // for each kilogram that is begun
static const std::map<std::string, int> ZONES{{"city", 0}, {"country", 100}, {"islands", 400}};

int price(const Parcel& parcel) {
    return by_weight(parcel.grams) + ZONES.at(parcel.zone);
}

int by_weight(int grams) {
    for (const Step& step : STEPS) {
        if (grams <= step.most) return step.cents;
    }
    const Step& last = STEPS.back();
    return last.cents + (grams - last.most + 999) / 1000 * BEYOND;
}

int total(const std::vector<Parcel>& parcels) {
    int cents = 0;
    for (const Parcel& each : parcels) cents += price(each);
    return parcels.size() >= 10 ? cents * 95 / 100 : cents;
}
