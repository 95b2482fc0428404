#include <functional>
#include <iostream>
#include <queue>
#include <vector>

int main() {
    int n, m;
    std::cin >> n >> m;
    std::vector<int> waits(n + 1), order;
    std::vector<std::vector<int>> after(n + 1);
    for (int a, b; m-- > 0 && std::cin >> a >> b;) {
        after[a].push_back(b);
        waits[b]++;
    }
    std::priority_queue<int, std::vector<int>, std::greater<>> ready;
    for (int task = 1; task <= n; task++) {
        if (waits[task] == 0) ready.push(task);
    }
    while (!ready.empty()) {
        int task = ready.top();
        ready.pop();
        order.push_back(task);
        for (int each : after[task]) {
            if (--waits[each] == 0) ready.push(each);
        }
    }
    if ((int)order.size() < n) {
        std::cout << "impossible\n";
        return 0;
    }
    for (int i = 0; i < n; i++) std::cout << (i ? " " : "") << order[i];
    std::cout << '\n';
}
