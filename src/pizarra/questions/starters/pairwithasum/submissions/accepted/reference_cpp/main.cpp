#include <unordered_map>
#include <vector>

std::vector<int> pairWithSum(std::vector<int>& numbers, int target) {
    std::unordered_map<long long, int> seen;
    for (int i = 0; i < (int)numbers.size(); i++) {
        auto other = seen.find((long long)target - numbers[i]);
        if (other != seen.end()) return {other->second, i};
        seen[numbers[i]] = i;
    }
    return {};
}
