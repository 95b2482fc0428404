#include <algorithm>
#include <optional>
#include <string>
#include <vector>

std::optional<int> fewestWords(std::string& text, std::vector<std::string>& words) {
    const int never = 1'000'000;
    std::vector<int> fewest(text.size() + 1, never);
    fewest[0] = 0;
    for (std::size_t end = 1; end <= text.size(); end++) {
        for (auto& word : words) {
            if (word.size() > end || text.compare(end - word.size(), word.size(), word) != 0) continue;
            fewest[end] = std::min(fewest[end], fewest[end - word.size()] + 1);
        }
    }
    if (fewest.back() >= never) return std::nullopt;
    return fewest.back();
}
