from __future__ import annotations

import heapq


class ListNode:
    def __init__(self, val: int, next: ListNode | None = None) -> None:
        self.val = val
        self.next = next


def merge_queues(queues: list[ListNode | None]) -> ListNode | None:
    heads = [(head.val, door, head) for door, head in enumerate(queues) if head is not None]
    heapq.heapify(heads)
    first = last = ListNode(0)
    while heads:
        _, door, node = heads[0]
        last.next = last = node
        if node.next is None:
            heapq.heappop(heads)
        else:
            heapq.heapreplace(heads, (node.next.val, door, node.next))
    return first.next
