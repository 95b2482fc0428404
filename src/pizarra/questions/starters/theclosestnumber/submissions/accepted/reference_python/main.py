from __future__ import annotations


class TreeNode:
    def __init__(self, val: int) -> None:
        self.val = val
        self.left: TreeNode | None = None
        self.right: TreeNode | None = None


def closest(root: TreeNode | None, wanted: int) -> int | None:
    best = None
    while root is not None:
        if best is None or (abs(root.val - wanted), root.val) < (abs(best - wanted), best):
            best = root.val
        root = root.left if wanted < root.val else root.right
    return best
