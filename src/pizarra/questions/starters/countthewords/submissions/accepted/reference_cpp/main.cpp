#include <sstream>
#include <string>
#include <unordered_map>

std::unordered_map<std::string, int> countWords(std::string& text) {
    std::unordered_map<std::string, int> counts;
    std::istringstream words(text);
    for (std::string word; words >> word;) counts[word]++;
    return counts;
}
