class TreeNode {
  constructor(val) {
    this.val = val;
    this.left = null;
    this.right = null;
  }
}

function closest(root, wanted) {
  let below = null;
  let above = null;
  while (root) {
    if (root.val <= wanted) {
      below = root.val;
      root = root.right;
    } else {
      above = root.val;
      root = root.left;
    }
  }
  if (below === null || above === null) return below ?? above;
  return above - wanted < wanted - below ? above : below;
}
