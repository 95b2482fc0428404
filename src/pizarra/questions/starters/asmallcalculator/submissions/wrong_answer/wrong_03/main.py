print(eval(input().replace("/", "//")))
