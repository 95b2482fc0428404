// Calls the function of main.cpp with the cases that standard input has; see `pizarra_cases.py`, which does the same.
#include <bits/stdc++.h>
#include <unistd.h>

// All of this comes before the answer, whose macros and names are its own: `place`, `#define int long long`.
namespace pizarra {
const size_t MOST_NODES = 1000000;
std::vector<std::string> given;
size_t place = 0;

struct Mismatch {
    std::string said;
};

inline const std::string& take() { return given.at(place++); }

inline std::string unhex(const std::string& text) {
    std::string out;
    for (size_t i = 1; i + 1 < text.size(); i += 2) out += (char)std::stoi(text.substr(i, 2), nullptr, 16);
    return out;
}

inline std::string hex(const std::string& text) {
    static const char* digits = "0123456789abcdef";
    std::string out = "x";
    for (unsigned char each : text) {
        out += digits[each >> 4];
        out += digits[each & 15];
    }
    return out;
}

template <class T> struct Wire;
template <> struct Wire<int> {
    static int read() { return std::stoi(take()); }
    static void write(int value, std::vector<std::string>& out) { out.push_back(std::to_string(value)); }
};
template <> struct Wire<long long> {
    static long long read() { return std::stoll(take()); }
    static void write(long long value, std::vector<std::string>& out) { out.push_back(std::to_string(value)); }
};
template <> struct Wire<double> {
    static double read() { return std::stod(take()); }
    static void write(double value, std::vector<std::string>& out) {
        char text[64];
        std::snprintf(text, sizeof text, "%.17g", value);
        out.push_back(text);
    }
};
template <> struct Wire<bool> {
    static bool read() { return take() == "1"; }
    static void write(bool value, std::vector<std::string>& out) { out.push_back(value ? "1" : "0"); }
};
template <> struct Wire<std::string> {
    static std::string read() { return unhex(take()); }
    static void write(const std::string& value, std::vector<std::string>& out) { out.push_back(hex(value)); }
};
template <class T> struct Wire<std::vector<T>> {
    static std::vector<T> read() {
        size_t count = std::stoul(take());
        std::vector<T> values;
        values.reserve(count);
        for (size_t i = 0; i < count; i++) values.push_back(Wire<T>::read());
        return values;
    }
    static void write(const std::vector<T>& values, std::vector<std::string>& out) {
        out.push_back(std::to_string(values.size()));
        for (const auto& each : values) Wire<T>::write(each, out);
    }
};
template <class T> struct Wire<std::unordered_map<std::string, T>> {
    using Map = std::unordered_map<std::string, T>;
    static Map read() {
        size_t count = std::stoul(take());
        Map map;
        for (size_t i = 0; i < count; i++) {
            std::string key = Wire<std::string>::read();
            map.emplace(key, Wire<T>::read());
        }
        return map;
    }
    static void write(const Map& map, std::vector<std::string>& out) {
        out.push_back(std::to_string(map.size()));
        for (const auto& [key, value] : map) {
            Wire<std::string>::write(key, out);
            Wire<T>::write(value, out);
        }
    }
};
template <class T> struct Wire<std::optional<T>> {
    static std::optional<T> read() {
        if (take() != "1") return std::nullopt;
        return Wire<T>::read();
    }
    static void write(const std::optional<T>& value, std::vector<std::string>& out) {
        out.push_back(value ? "1" : "0");
        if (value) Wire<T>::write(*value, out);
    }
};
template <class Node> struct ListWire {
    using Value = decltype(Node::val);
    static Node* read() {
        size_t count = std::stoul(take());
        Node *first = nullptr, *last = nullptr;
        for (size_t i = 0; i < count; i++) {
            auto* node = new Node(Wire<Value>::read());
            (last ? last->next : first) = node;
            last = node;
        }
        return first;
    }
    static void write(Node* node, std::vector<std::string>& out) {
        std::vector<Value> values;
        for (; node; node = node->next) {
            values.push_back(node->val);
            if (values.size() > MOST_NODES) throw Mismatch{"a list that never ends"};
        }
        Wire<std::vector<Value>>::write(values, out);
    }
};
template <class Node> struct TreeWire {
    using Value = decltype(Node::val);
    static Node* read() {
        auto slots = Wire<std::vector<std::optional<Value>>>::read();
        std::vector<Node*> nodes;
        for (const auto& each : slots) nodes.push_back(each ? new Node(*each) : nullptr);
        size_t child = 1;
        for (auto* node : nodes) {
            if (!node) continue;
            node->left = child < nodes.size() ? nodes[child] : nullptr;
            child++;
            node->right = child < nodes.size() ? nodes[child] : nullptr;
            child++;
        }
        return nodes.empty() ? nullptr : nodes[0];
    }
    static void write(Node* root, std::vector<std::string>& out) {
        std::vector<Node*> queue{root};
        for (size_t i = 0; i < queue.size(); i++) {
            if (Node* node = queue[i]) {
                queue.push_back(node->left);
                queue.push_back(node->right);
            }
            if (queue.size() > MOST_NODES) throw Mismatch{"a tree that never ends"};
        }
        while (!queue.empty() && !queue.back()) queue.pop_back();
        std::vector<std::optional<Value>> slots;
        for (auto* node : queue) slots.push_back(node ? std::optional<Value>(node->val) : std::nullopt);
        Wire<std::vector<std::optional<Value>>>::write(slots, out);
    }
};

inline void tell(const std::string& secret, char kind, int number, long micros, const std::vector<std::string>& tokens) {
    std::cout.flush();
    std::fflush(stdout);
    std::string frame = "\x1f" + secret + " " + kind + " " + std::to_string(number) + " " + std::to_string(micros) + "\n";
    for (const auto& each : tokens) frame += each + "\n";
    frame += "\x1f" + secret + " .\n";
    for (size_t done = 0; done < frame.size();) {
        ssize_t written = ::write(1, frame.data() + done, frame.size() - done);
        if (written <= 0) std::_Exit(1);
        done += written;
    }
}

}  // namespace pizarra

template <class T> T pizarra_read() { return pizarra::Wire<T>::read(); }
template <class T> void pizarra_write(const T& value, std::vector<std::string>& out) {
    pizarra::Wire<T>::write(value, out);
}
void pizarra_call(std::vector<std::string>& pizarra_out);

int main() {
    std::string line;
    while (std::getline(std::cin, line)) pizarra::given.push_back(line);
    std::string secret = pizarra::take();
    pizarra::place += 5;
    int count = std::stoi(pizarra::take());
    for (int number = 0; number < count; number++) {
        std::vector<std::string> out;
        char kind = 'v';
        auto began = std::chrono::steady_clock::now();
        try {
            pizarra_call(out);
        } catch (const pizarra::Mismatch& error) {
            kind = 'm';
            out = {pizarra::hex(error.said)};
        } catch (const std::bad_alloc&) {
            throw;
        } catch (const std::exception& error) {
            kind = 'e';
            out = {pizarra::hex(std::string("it threw ") + error.what() + "\n")};
        } catch (...) {
            kind = 'e';
            out = {pizarra::hex("it threw something that is no std::exception\n")};
        }
        auto took = std::chrono::steady_clock::now() - began;
        pizarra::tell(secret, kind, number, std::chrono::duration_cast<std::chrono::microseconds>(took).count(), out);
    }
}

#define main pizarra_candidates_main
#include "main.cpp"
#undef main
