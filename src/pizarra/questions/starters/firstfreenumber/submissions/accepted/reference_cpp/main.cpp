#include <unordered_set>
#include <vector>

long long firstFree(std::vector<long long>& taken) {
    std::unordered_set<long long> known(taken.begin(), taken.end());
    long long free = 1;
    while (known.count(free)) free++;
    return free;
}
