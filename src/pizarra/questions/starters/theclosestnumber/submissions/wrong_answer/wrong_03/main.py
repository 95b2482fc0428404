class TreeNode:
    def __init__(self, val):
        self.val = val
        self.left = self.right = None


def closest(root, wanted):
    best = None
    while root is not None:
        if best is None or (abs(root.val - wanted), root.val) < (abs(best - wanted), best):
            best = root.val
        root = root.left if wanted < root.val else root.right
    return best or None
