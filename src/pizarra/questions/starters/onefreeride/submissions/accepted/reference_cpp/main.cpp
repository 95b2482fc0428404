#include <functional>
#include <iostream>
#include <queue>
#include <tuple>
#include <utility>
#include <vector>

int main() {
    int n, m;
    std::cin >> n >> m;
    std::vector<std::vector<std::pair<int, int>>> lines(n + 1);
    for (int a, b, price; m-- > 0 && std::cin >> a >> b >> price;) {
        lines[a].push_back({b, price});
        lines[b].push_back({a, price});
    }
    using Place = std::tuple<int, int, int>;
    std::priority_queue<Place, std::vector<Place>, std::greater<>> waiting;
    std::vector<std::vector<bool>> done(n + 1, std::vector<bool>(2));
    waiting.push({0, 1, 1});
    int answer = -1;
    while (!waiting.empty()) {
        auto [paid, town, voucher] = waiting.top();
        waiting.pop();
        if (town == n) {
            answer = paid;
            break;
        }
        if (done[town][voucher]) continue;
        done[town][voucher] = true;
        for (auto [other, price] : lines[town]) {
            waiting.push({paid + price, other, voucher});
            if (voucher) waiting.push({paid, other, 0});
        }
    }
    std::cout << answer << '\n';
}
