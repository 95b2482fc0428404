class TreeNode {
  val: bigint;
  left: TreeNode | null = null;
  right: TreeNode | null = null;
  constructor(val: bigint) {
    this.val = val;
  }
}

function closest(root: TreeNode | null, wanted: bigint): bigint | null {
  let below: bigint | null = null;
  let above: bigint | null = null;
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
