#include <iostream>
#include <sstream>
#include <string>

int main() {
    std::string line, word, out;
    std::getline(std::cin, line);
    std::istringstream words(line);
    while (words >> word) out = out.empty() ? word : word + ' ' + out;
    std::cout << out << '\n';
}
