class ListNode:
    def __init__(self, val, next=None):
        self.val = val
        self.next = next


def turned(head):
    last = head
    while last and last.next:
        before, last = last, last.next
        last.next, before.next = before, last
    return last
