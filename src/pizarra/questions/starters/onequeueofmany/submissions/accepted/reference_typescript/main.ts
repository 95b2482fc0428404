class ListNode {
  val: number;
  next: ListNode | null = null;
  constructor(val: number) {
    this.val = val;
  }
}

function both(one: ListNode | null, other: ListNode | null): ListNode | null {
  const first = new ListNode(0);
  let last = first;
  while (one && other) {
    if (other.val < one.val) [one, other] = [other, one];
    last.next = one;
    last = one;
    one = one.next;
  }
  last.next = one ?? other;
  return first.next;
}

function mergeQueues(queues: (ListNode | null)[]): ListNode | null {
  let round = queues;
  while (round.length > 1) {
    const next: (ListNode | null)[] = [];
    for (let i = 0; i < round.length; i += 2) next.push(both(round[i] ?? null, round[i + 1] ?? null));
    round = next;
  }
  return round[0] ?? null;
}
