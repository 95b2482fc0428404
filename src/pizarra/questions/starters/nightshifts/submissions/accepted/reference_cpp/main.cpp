#include <cstdio>

int main() {
    int n = 0, total = 0;
    std::scanf("%d", &n);
    while (n-- > 0) {
        int h1, m1, h2, m2;
        if (std::scanf("%d:%d %d:%d", &h1, &m1, &h2, &m2) != 4) return 1;
        int length = (h2 - h1) * 60 + m2 - m1;
        total += length > 0 ? length : length + 1440;
    }
    std::printf("%d:%02d\n", total / 60, total % 60);
}
