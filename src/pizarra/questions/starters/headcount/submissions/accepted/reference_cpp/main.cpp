#include <string>
#include <unordered_map>

std::unordered_map<std::string, int> headCount(std::unordered_map<std::string, std::string>& boss) {
    std::unordered_map<std::string, int> below;
    for (auto& [person, above] : boss) {
        below[person];
        below[above];
        for (auto next = boss.find(person); next != boss.end(); next = boss.find(next->second)) below[next->second]++;
    }
    return below;
}
