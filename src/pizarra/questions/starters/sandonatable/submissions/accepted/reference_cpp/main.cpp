#include <utility>
#include <vector>

void settle(std::vector<std::vector<int>>& sand) {
    int height = sand.size();
    std::vector<std::pair<int, int>> waiting;
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < (int)sand[y].size(); x++) waiting.push_back({y, x});
    }
    while (!waiting.empty()) {
        auto [y, x] = waiting.back();
        waiting.pop_back();
        int times = sand[y][x] / 4;
        if (times == 0) continue;
        sand[y][x] %= 4;
        const std::pair<int, int> around[] = {{y - 1, x}, {y + 1, x}, {y, x - 1}, {y, x + 1}};
        for (auto [v, u] : around) {
            if (v < 0 || u < 0 || v >= height || u >= (int)sand[v].size()) continue;
            sand[v][u] += times;
            waiting.push_back({v, u});
        }
    }
}
