"""One question in five languages: what fails in practice with typed functions does not fail here, in any of them."""

import pytest
from tests.harness.application import Application
from tests.harness.functions import LANGUAGES, call, completed, database_url, passed, signature

__all__ = ["database_url"]  # a fixture

PAIR = signature("twoSum(int[] numsGiven, int target) -> int[]")
TWO_SUM = {
    "python": """
def two_sum(nums_given, target):
    print("debug", nums_given, end="")
    for i, one in enumerate(nums_given):
        for j in range(i):
            if one + nums_given[j] == target:
                return [i, j]
""",
    "javascript": """
function twoSum(nums, target) {
  process.stdout.write("debug");
  for (let i = 0; i < nums.length; i++)
    for (let j = 0; j < i; j++) if (nums[i] + nums[j] === target) return [i, j];
}
""",
    "typescript": """
function twoSum(nums: number[], target: number): number[] {
  process.stdout.write("debug");
  for (let i = 0; i < nums.length; i++)
    for (let j = 0; j < i; j++) if (nums[i] + nums[j] === target) return [i, j];
  return [];
}
""",
    "java": """
public class Main {
    static int[] twoSum(int[] nums, int target) {
        System.out.print("debug");
        for (int i = 0; i < nums.length; i++)
            for (int j = 0; j < i; j++) if (nums[i] + nums[j] == target) return new int[] {i, j};
        return new int[0];
    }
    public static void main(String[] args) { System.out.println("mine"); }
}
""",
    "cpp": """
#include <bits/stdc++.h>
using namespace std;
vector<int> twoSum(const vector<int>& nums, int target) {
    cout << "debug";
    for (int i = 0; i < (int)nums.size(); i++)
        for (int j = 0; j < i; j++) if (nums[i] + nums[j] == target) return {i, j};
    return {};
}
int main() { cout << "mine"; }
""",
}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_what_it_prints_is_its_own_and_any_order_is_right(
    running: Application, language: str
) -> None:
    """Failures 4, 7, 10, 11: order, prints among results, one convention for types and names."""
    cases = (("[2, 7, 11, 15]\n9", "[0, 1]"), ("[3, 3]\n6\n", "[1, 0]"))
    found = await call(running, language, TWO_SUM[language], PAIR, *cases, how="multiset")
    assert passed(found) == [True, True], found
    assert [each.stdout.startswith("debug") for each in found] == [True, True]
    assert found[0].got == "[1, 0]"
    exact = await call(running, language, TWO_SUM[language], PAIR, *cases)
    assert passed(exact) == [False, True]


ODD = signature(
    "odd(long big, float real, string text, int? none, map<string,int> counts, int[][] grid) -> map<string,long>"
)
ODDITIES = {
    "python": """
def odd(big, real, text, none, counts, grid):
    assert none is None and text == "Zoë😀" and real == 0.1 and grid == [[1], []] and counts == {"b": 2, "a": 1}
    counts.clear(); grid.clear()
    return {text: big, "b": -1}
""",
    "javascript": """
function odd(big, real, text, none, counts, grid) {
  if (none !== null || text !== "Zoë😀" || real !== 0.1) throw new Error("wrong");
  if (grid[0][0] !== 1 || counts.get("a") !== 1) throw new Error("wrong");
  if (typeof big !== "bigint") throw new Error("no bigint");
  counts.clear(); grid.length = 0;
  return new Map([["b", -1n], [text, big]]);
}
""",
    "typescript": """
function odd(
  big: bigint, real: number, text: string, none: number | null, counts: Map<string, number>, grid: number[][],
): Map<string, bigint> {
  if (none !== null || text !== "Zoë😀" || real !== 0.1) throw new Error("wrong");
  if (grid[0][0] !== 1 || counts.get("a") !== 1) throw new Error("wrong");
  counts.clear(); grid.length = 0;
  return new Map([["b", -1n], [text, big]]);
}
""",
    "java": """
import java.util.*;
public class Main {
    static Map<String, Long> odd(
            long big, double real, String text, Integer none, Map<String, Integer> counts, int[][] grid) {
        if (none != null || !text.equals("Zoë😀") || real != 0.1) throw new RuntimeException("wrong");
        if (grid[0][0] != 1 || counts.get("a") != 1) throw new RuntimeException("wrong");
        counts.clear(); grid[0][0] = 9;
        Map<String, Long> out = new HashMap<>();
        out.put("b", -1L); out.put(text, big);
        return out;
    }
}
""",
    "cpp": """
#include <bits/stdc++.h>
using namespace std;
unordered_map<string, long long> odd(
    long long big, double real, string text, optional<int> none, unordered_map<string, int>& counts,
    vector<vector<int>>& grid) {
    if (none || text != "Zoë😀" || real != 0.1) throw runtime_error("wrong");
    if (grid[0][0] != 1 || counts["a"] != 1) throw runtime_error("wrong");
    counts.clear(); grid.clear();
    return {{"b", -1}, {text, big}};
}
""",
}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_type_arrives_whole_and_anew(running: Application, language: str) -> None:
    """Failures 2, 3, 13, 14, 15: nothing, 64 bits, Unicode, arguments that are changed, the order of keys."""
    given = '9007199254740993\n0.1\n"Zoë😀"\nnull\n{"a": 1, "b": 2}\n[[1], []]'
    expected = '{"Zoë😀": 9007199254740993, "b": -1}'
    least = given.replace("9007199254740993", "-9223372036854775808")
    found = await call(
        running,
        language,
        ODDITIES[language],
        ODD,
        (given, expected),
        (given, expected),
        (least, '{"b": -1, "Zoë😀": -9223372036854775808}'),
    )
    assert passed(found) == [True] * 3, found
    off = await call(
        running, language, ODDITIES[language], ODD, (given, expected.replace("93", "92"))
    )
    assert passed(off) == [False]
    assert "9007199254740993" in off[0].got


REAL = signature("third(float x) -> float")
THIRD = {
    "python": "def third(x):\n    return x / 3\n",
    "javascript": "function third(x) { return x / 3; }",
    "typescript": "export function third(x: number): number { return x / 3; }",
    "java": "class Main { static double third(double x) { return x / 3; } }",
    "cpp": "float third(float x) { return x / 3; }",
}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_floats_are_near_and_special_ones_arrive(running: Application, language: str) -> None:
    """Failures 1, 16: widths of floats, and what JSON has no word for."""
    found = await call(
        running,
        language,
        THIRD[language],
        REAL,
        ("1", "0.333333"),
        ("16", "5.333333333333333"),
        ("-0.0", "0.0"),
        ("1", "0.3334"),
        ('"Infinity"', '"Infinity"'),
        ('"-Infinity"', '"-Infinity"'),
        ('"NaN"', '"NaN"'),
    )
    assert passed(found) == [True, True, True, False, True, True, True], found
    strict = await call(
        running, language, THIRD[language], REAL, ("1", "0.3334"), relative_tolerance=0.01
    )
    assert passed(strict) == [True]


MIRROR = signature("mirror(Tree<int> root, List<int> values) -> Tree<int>")
BODY = {
    "python": """
def mirror(root, values):
    if root is not None:
        root.left, root.right = mirror(root.right, values), mirror(root.left, values)
    return root
""",
    "javascript": """
function mirror(root, values) {
  if (root) [root.left, root.right] = [mirror(root.right, values), mirror(root.left, values)];
  return root;
}
""",
    "typescript": """
function mirror(root: TreeNode | null, values: ListNode | null): TreeNode | null {
  if (root) [root.left, root.right] = [mirror(root.right, values), mirror(root.left, values)];
  return root;
}
""",
    "java": """
    static TreeNode mirror(TreeNode root, ListNode values) {
        if (root == null) return null;
        TreeNode left = mirror(root.right, values);
        root.right = mirror(root.left, values);
        root.left = left;
        return root;
    }
""",
    "cpp": """
TreeNode* mirror(TreeNode* root, ListNode* values) {
    if (!root) return nullptr;
    TreeNode* left = mirror(root->right, values);
    root->right = mirror(root->left, values);
    root->left = left;
    return root;
}
""",
}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_trees_go_level_by_level(running: Application, language: str) -> None:
    """Failure 5: nothing at the end of a tree, and nothing below none."""
    source = completed(MIRROR, language, BODY[language])
    found = await call(
        running,
        language,
        source,
        MIRROR,
        ("[1, 2, 3, null, 4]\n[1]", "[1, 3, 2, null, null, 4]"),
        ("[]\n[]", "[]"),
        ("[1, null, 2, null, 3]\n[]", "[1, 2, null, 3, null, null, null]"),
    )
    assert passed(found) == [True] * 3, found
