class TreeNode {
  val: number;
  left: TreeNode | null = null;
  right: TreeNode | null = null;
  constructor(val: number) {
    this.val = val;
  }
}

function mirror(root: TreeNode | null): TreeNode | null {
  if (root) [root.left, root.right] = [mirror(root.right), mirror(root.left)];
  return root;
}
