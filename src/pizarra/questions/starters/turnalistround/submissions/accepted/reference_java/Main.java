public class Main {
    static class ListNode {
        String val;
        ListNode next;

        ListNode(String val) {
            this.val = val;
        }
    }

    static ListNode turned(ListNode head) {
        ListNode before = null;
        while (head != null) {
            ListNode next = head.next;
            head.next = before;
            before = head;
            head = next;
        }
        return before;
    }
}
