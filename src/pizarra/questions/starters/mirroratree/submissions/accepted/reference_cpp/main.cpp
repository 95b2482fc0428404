#include <utility>

struct TreeNode {
    int val;
    TreeNode* left = nullptr;
    TreeNode* right = nullptr;
    explicit TreeNode(int val) : val(val) {}
};

TreeNode* mirror(TreeNode* root) {
    if (!root) return nullptr;
    std::swap(root->left, root->right);
    mirror(root->left);
    mirror(root->right);
    return root;
}
