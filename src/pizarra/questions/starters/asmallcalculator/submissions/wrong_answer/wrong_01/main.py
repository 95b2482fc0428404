import re

tokens = [*re.findall(r"\d+|[-+*/()]", input()), "end"]


def value():
    token = tokens.pop(0)
    if token == "-":
        return -value()
    if token == "(":
        inside = total()
        tokens.pop(0)
        return inside
    return int(token)


def total():
    left = value()
    while tokens[0] in "+-*/":
        how, right = tokens.pop(0), value()
        left = {"+": left + right, "-": left - right, "*": left * right, "/": int(left / (right or 1))}[how]
    return left


print(total())
