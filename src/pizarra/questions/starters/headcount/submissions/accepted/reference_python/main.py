def head_count(boss: dict[str, str]) -> dict[str, int]:
    below = dict.fromkeys([*boss, *boss.values()], 0)
    for person in boss:
        above = boss.get(person)
        while above is not None:
            below[above] += 1
            above = boss.get(above)
    return below
