public class Main {
    static class TreeNode {
        int val;
        TreeNode left, right;

        TreeNode(int val) {
            this.val = val;
        }
    }

    static TreeNode mirror(TreeNode root) {
        if (root == null) return null;
        TreeNode left = mirror(root.right);
        root.right = mirror(root.left);
        root.left = left;
        return root;
    }
}
