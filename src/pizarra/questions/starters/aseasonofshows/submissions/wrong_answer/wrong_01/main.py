def best_season(income, rest):
    taken = []
    for day in sorted(range(len(income)), key=lambda day: -income[day]):
        if income[day] > 0 and all(abs(day - each) > rest for each in taken):
            taken.append(day)
    return sum(income[day] for day in taken)
