#include <algorithm>
#include <iostream>
#include <utility>
#include <vector>

int main() {
    int n, most = 0, here = 0;
    std::cin >> n;
    std::vector<std::pair<long long, int>> events(2 * n);
    for (int i = 0; i < 2 * n; i++) {
        std::cin >> events[i].first;
        events[i].second = i % 2 == 0 ? 1 : -1;
    }
    std::sort(events.begin(), events.end());
    for (auto [at, change] : events) most = std::max(most, here += change);
    std::cout << most << '\n';
}
