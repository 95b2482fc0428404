import { readFileSync } from "node:fs";

const tokens: string[] = readFileSync(0, "utf8").match(/\d+|[-+*\/()]/g) ?? [];
let place = 0;

function value(): number {
  const token = tokens[place++];
  if (token === "-") return -value();
  if (token !== "(") return Number(token);
  const inside = total();
  place++;
  return inside;
}

function product(): number {
  let left = value();
  while (tokens[place] === "*" || tokens[place] === "/") {
    left = tokens[place++] === "*" ? left * value() : Math.trunc(left / value());
  }
  return left;
}

function total(): number {
  let left = product();
  while (tokens[place] === "+" || tokens[place] === "-") {
    left = tokens[place++] === "+" ? left + product() : left - product();
  }
  return left;
}

console.log(String(total()));
