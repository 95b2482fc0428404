class TreeNode {
  constructor(val) {
    this.val = val;
    this.left = null;
    this.right = null;
  }
}

function mirror(root) {
  if (root) [root.left, root.right] = [mirror(root.right), mirror(root.left)];
  return root;
}
