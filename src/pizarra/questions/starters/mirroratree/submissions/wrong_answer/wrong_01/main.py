class TreeNode:
    def __init__(self, val):
        self.val = val
        self.left = self.right = None


def mirror(root):
    if root:
        root.left, root.right = root.right, root.left
    return root
