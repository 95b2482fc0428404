class ListNode:
    def __init__(self, val, next=None):
        self.val = val
        self.next = next


def turned(head):
    before = None
    while head is not None:
        head.next, before, head = before, head, head.next
    return before
