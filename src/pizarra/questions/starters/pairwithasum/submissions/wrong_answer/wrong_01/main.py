def pair_with_sum(numbers, target):
    for number in numbers:
        if target - number in numbers:
            return [numbers.index(number), numbers.index(target - number)]
