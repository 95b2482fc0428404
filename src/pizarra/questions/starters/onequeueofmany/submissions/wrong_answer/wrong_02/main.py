class ListNode:
    def __init__(self, val, next=None):
        self.val = val
        self.next = next


def merge_queues(queues):
    heads = [head for head in queues if head is not None]
    first = last = ListNode(0)
    while heads:
        least = min(range(len(heads)), key=lambda door: heads[door].val)
        last.next = last = heads[least]
        if heads[least].next is None:
            others = sorted((head for door, head in enumerate(heads) if door != least), key=lambda head: head.val)
            for head in others:
                last.next = last = head
            last.next = None
            break
        heads[least] = heads[least].next
    return first.next
