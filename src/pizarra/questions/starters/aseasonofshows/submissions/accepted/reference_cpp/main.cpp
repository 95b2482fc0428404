#include <algorithm>
#include <vector>

long long bestSeason(std::vector<int>& income, int rest) {
    std::vector<long long> best{0};
    for (int day = 0; day < (int)income.size(); day++) {
        best.push_back(std::max(best[day], income[day] + best[std::max(0, day - rest)]));
    }
    return best.back();
}
