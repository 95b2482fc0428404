#include <algorithm>
#include <cctype>
#include <iostream>
#include <string>

std::string text;
std::size_t place = 0;

long long total();

long long value() {
    if (text[place] == '-') {
        place++;
        return -value();
    }
    if (text[place] == '(') {
        place++;
        long long inside = total();
        place++;
        return inside;
    }
    long long number = 0;
    while (std::isdigit((unsigned char)text[place])) number = number * 10 + text[place++] - '0';
    return number;
}

long long product() {
    long long left = value();
    while (text[place] == '*' || text[place] == '/') {
        if (text[place++] == '*') left *= value();
        else left /= value();
    }
    return left;
}

long long total() {
    long long left = product();
    while (text[place] == '+' || text[place] == '-') {
        if (text[place++] == '+') left += product();
        else left -= product();
    }
    return left;
}

int main() {
    std::getline(std::cin, text);
    text.erase(std::remove(text.begin(), text.end(), ' '), text.end());
    std::cout << total() << '\n';
}
