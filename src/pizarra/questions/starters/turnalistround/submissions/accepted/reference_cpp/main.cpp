#include <string>
#include <utility>

struct ListNode {
    std::string val;
    ListNode* next = nullptr;
    explicit ListNode(std::string val) : val(std::move(val)) {}
};

ListNode* turned(ListNode* head) {
    ListNode* before = nullptr;
    while (head) {
        ListNode* next = head->next;
        head->next = before;
        before = head;
        head = next;
    }
    return before;
}
