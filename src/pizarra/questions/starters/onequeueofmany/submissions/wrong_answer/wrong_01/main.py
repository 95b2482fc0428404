class ListNode:
    def __init__(self, val, next=None):
        self.val = val
        self.next = next


def merge_queues(queues):
    numbers = set()
    for head in queues:
        while head is not None:
            numbers.add(head.val)
            head = head.next
    first = None
    for number in sorted(numbers, reverse=True):
        first = ListNode(number, first)
    return first
