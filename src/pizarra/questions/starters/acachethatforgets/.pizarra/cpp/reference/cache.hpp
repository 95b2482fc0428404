// A cache that keeps little, and that not for long.
#pragma once
#include "clock.hpp"
#include <list>
#include <optional>
#include <string>

template <typename V>
class Cache {
public:
    Cache(int capacity, double seconds, Clock& clock) : capacity_(capacity), seconds_(seconds), clock_(clock) {}

    std::optional<V> get(const std::string& key) {
        forget();
        for (auto each = kept_.begin(); each != kept_.end(); ++each) {
            if (each->key != key) continue;
            kept_.splice(kept_.end(), kept_, each);
            return each->value;
        }
        return std::nullopt;
    }

    V get(const std::string& key, const V& otherwise) {
        return get(key).value_or(otherwise);
    }

    void put(const std::string& key, const V& value) {
        forget();
        kept_.remove_if([&](const Kept& each) { return each.key == key; });
        if (static_cast<int>(kept_.size()) >= capacity_) kept_.pop_front();
        kept_.push_back({key, value, clock_.now() + seconds_});
    }

    int size() {
        forget();
        return kept_.size();
    }

private:
    struct Kept {
        std::string key;
        V value;
        double gone;
    };

    int capacity_;
    double seconds_;
    Clock& clock_;
    std::list<Kept> kept_;  // what was used last stands last

    void forget() {
        double now = clock_.now();
        kept_.remove_if([&](const Kept& each) { return each.gone <= now; });
    }
};
