class ListNode {
  constructor(val) {
    this.val = val;
    this.next = null;
  }
}

function both(one, other) {
  const first = new ListNode(0);
  let last = first;
  while (one && other) {
    if (other.val < one.val) [one, other] = [other, one];
    last = last.next = one;
    one = one.next;
  }
  last.next = one ?? other;
  return first.next;
}

function mergeQueues(queues) {
  let round = queues;
  while (round.length > 1) {
    const next = [];
    for (let i = 0; i < round.length; i += 2) next.push(both(round[i], round[i + 1] ?? null));
    round = next;
  }
  return round[0] ?? null;
}
