class ListNode {
  constructor(val) {
    this.val = val;
    this.next = null;
  }
}

function turned(head) {
  let before = null;
  while (head) [head.next, before, head] = [before, head, head.next];
  return before;
}
