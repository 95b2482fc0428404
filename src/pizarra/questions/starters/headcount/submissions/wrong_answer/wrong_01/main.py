from collections import Counter


def head_count(boss):
    below = Counter(boss.values())
    return {name: below[name] for name in {*boss, *boss.values()}}
