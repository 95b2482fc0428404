import re

tokens = [*re.findall(r"\d+|[-+*/()]", input()), "end"]
place = 0


def take():
    global place
    place += 1
    return tokens[place - 1]


def value():
    token = take()
    if token == "-":
        return -value()
    if token == "(":
        inside = total()
        take()
        return inside
    return int(token)


def product():
    left = value()
    while tokens[place] in "*/":
        if take() == "*":
            left *= value()
        else:
            right = value()
            left = abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)
    return left


def total():
    left = product()
    while tokens[place] in "+-":
        left = left + product() if take() == "+" else left - product()
    return left


print(total())
