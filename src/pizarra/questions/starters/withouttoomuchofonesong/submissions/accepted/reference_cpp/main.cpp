#include <algorithm>
#include <string>
#include <unordered_map>
#include <vector>

int longestStretch(std::vector<std::string>& songs, int most) {
    std::unordered_map<std::string, int> played;
    int start = 0, longest = 0;
    for (int end = 0; end < (int)songs.size(); end++) {
        int& count = played[songs[end]];
        count++;
        while (count > most) played[songs[start++]]--;
        longest = std::max(longest, end - start + 1);
    }
    return longest;
}
