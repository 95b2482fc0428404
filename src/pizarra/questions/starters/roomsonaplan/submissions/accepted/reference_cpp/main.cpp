#include <algorithm>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

int main() {
    int height, width, rooms = 0, largest = 0;
    std::cin >> height >> width;
    std::vector<std::string> plan(height);
    for (auto& row : plan) std::cin >> row;
    for (int top = 0; top < height; top++) {
        for (int left = 0; left < width; left++) {
            int size = 0;
            std::vector<std::pair<int, int>> open{{top, left}};
            while (!open.empty()) {
                auto [y, x] = open.back();
                open.pop_back();
                if (y < 0 || x < 0 || y >= height || x >= width || plan[y][x] != '.') continue;
                plan[y][x] = '#';
                size++;
                open.insert(open.end(), {{y - 1, x}, {y + 1, x}, {y, x - 1}, {y, x + 1}});
            }
            rooms += size > 0;
            largest = std::max(largest, size);
        }
    }
    std::cout << rooms << ' ' << largest << '\n';
}
