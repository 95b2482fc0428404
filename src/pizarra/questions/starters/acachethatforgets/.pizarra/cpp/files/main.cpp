#include "cache.hpp"
#include "clock.hpp"
#include <iostream>

int main() {
    Clock clock;
    Cache<int> cache(2, 60, clock);
    cache.put("ana", 1);
    cache.put("ben", 2);
    cache.get("ana");
    cache.put("cid", 3);
    std::cout << cache.get("ana", 0) << " " << cache.get("ben", 0) << " " << cache.get("cid", 0) << " " << cache.size() << std::endl;
}
