#include <algorithm>
#include <iostream>
#include <vector>

int main() {
    long long n, k, low = 0, high = 0;
    std::cin >> n >> k;
    std::vector<long long> boxes(n);
    for (auto& box : boxes) {
        std::cin >> box;
        low = std::max(low, box);
        high += box;
    }
    while (low < high) {
        long long middle = (low + high) / 2, load = 0, count = 1;
        for (long long box : boxes) {
            load += box;
            if (load > middle) {
                count++;
                load = box;
            }
        }
        if (count <= k) high = middle;
        else low = middle + 1;
    }
    std::cout << low << '\n';
}
