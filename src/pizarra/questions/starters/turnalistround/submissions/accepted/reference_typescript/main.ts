class ListNode {
  val: string;
  next: ListNode | null = null;
  constructor(val: string) {
    this.val = val;
  }
}

function turned(head: ListNode | null): ListNode | null {
  let before: ListNode | null = null;
  while (head) {
    const next: ListNode | null = head.next;
    head.next = before;
    before = head;
    head = next;
  }
  return before;
}
