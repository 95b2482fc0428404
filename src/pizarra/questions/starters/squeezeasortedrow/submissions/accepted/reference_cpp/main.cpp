#include <algorithm>
#include <vector>

int squeeze(std::vector<int>& values) {
    return std::unique(values.begin(), values.end()) - values.begin();
}
