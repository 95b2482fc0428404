public class Main {
    static class TreeNode {
        long val;
        TreeNode left, right;

        TreeNode(long val) {
            this.val = val;
        }
    }

    static Long closest(TreeNode root, long wanted) {
        Long below = null, above = null;
        while (root != null) {
            if (root.val <= wanted) {
                below = root.val;
                root = root.right;
            } else {
                above = root.val;
                root = root.left;
            }
        }
        if (below == null) return above;
        if (above == null) return below;
        return above - wanted < wanted - below ? above : below;
    }
}
