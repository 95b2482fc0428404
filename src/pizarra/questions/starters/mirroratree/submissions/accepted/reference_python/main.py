class TreeNode:
    def __init__(self, val):
        self.val = val
        self.left = None
        self.right = None


def mirror(root):
    if root is not None:
        root.left, root.right = mirror(root.right), mirror(root.left)
    return root
