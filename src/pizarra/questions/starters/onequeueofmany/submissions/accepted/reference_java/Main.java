import java.util.*;

public class Main {
    static class ListNode {
        int val;
        ListNode next;

        ListNode(int val) {
            this.val = val;
        }
    }

    static ListNode mergeQueues(ListNode[] queues) {
        PriorityQueue<ListNode> heads = new PriorityQueue<>(Comparator.comparingInt(each -> each.val));
        for (ListNode head : queues) if (head != null) heads.add(head);
        ListNode first = new ListNode(0), last = first;
        while (!heads.isEmpty()) {
            last.next = heads.poll();
            last = last.next;
            if (last.next != null) heads.add(last.next);
        }
        return first.next;
    }
}
