#include <algorithm>
#include <iostream>
#include <vector>

int main() {
    int n, k;
    unsigned low = 0, high = 0;
    std::cin >> n >> k;
    std::vector<unsigned> boxes(n);
    for (auto& box : boxes) {
        std::cin >> box;
        low = std::max(low, box);
        high += box;
    }
    while (low < high) {
        unsigned middle = low + (high - low) / 2, load = 0;
        int count = 1;
        for (unsigned box : boxes) {
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
