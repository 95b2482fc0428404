#include <algorithm>
#include <vector>

std::vector<std::vector<int>> freeTimes(std::vector<std::vector<int>>& busy, int opens, int closes) {
    std::sort(busy.begin(), busy.end());
    std::vector<std::vector<int>> free;
    int until = opens;
    for (auto& each : busy) {
        if (each[0] >= closes) break;
        if (each[0] > until) free.push_back({until, each[0]});
        until = std::max(until, each[1]);
    }
    if (until < closes) free.push_back({until, closes});
    return free;
}
