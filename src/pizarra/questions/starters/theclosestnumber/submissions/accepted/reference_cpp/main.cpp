#include <optional>

struct TreeNode {
    long long val;
    TreeNode* left = nullptr;
    TreeNode* right = nullptr;
    explicit TreeNode(long long val) : val(val) {}
};

std::optional<long long> closest(TreeNode* root, long long wanted) {
    std::optional<long long> below, above;
    while (root) {
        if (root->val <= wanted) {
            below = root->val;
            root = root->right;
        } else {
            above = root->val;
            root = root->left;
        }
    }
    if (!below || !above) return below ? below : above;
    return *above - wanted < wanted - *below ? above : below;
}
