#include <queue>
#include <vector>

struct ListNode {
    int val;
    ListNode* next = nullptr;
    explicit ListNode(int val) : val(val) {}
};

ListNode* mergeQueues(std::vector<ListNode*>& queues) {
    auto later = [](ListNode* one, ListNode* other) { return one->val > other->val; };
    std::priority_queue<ListNode*, std::vector<ListNode*>, decltype(later)> heads(later);
    for (ListNode* head : queues) {
        if (head) heads.push(head);
    }
    ListNode* first = nullptr;
    ListNode** end = &first;
    while (!heads.empty()) {
        ListNode* node = heads.top();
        heads.pop();
        *end = node;
        end = &node->next;
        if (node->next) heads.push(node->next);
    }
    return first;
}
