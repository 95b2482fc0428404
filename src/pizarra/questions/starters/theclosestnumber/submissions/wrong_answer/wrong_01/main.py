class TreeNode:
    def __init__(self, val):
        self.val = val
        self.left = self.right = None


def closest(root, wanted):
    best = None
    while root is not None:
        near = abs(float(root.val) - float(wanted))
        if best is None or (near, root.val) < best:
            best = (near, root.val)
        root = root.left if wanted < root.val else root.right
    return best and best[1]
