const tokens = require("fs").readFileSync(0, "utf8").match(/\d+|[-+*\/()]/g);
let place = 0;
function value() {
  const token = tokens[place++];
  if (token === "-") return -value();
  if (token !== "(") return Number(token);
  const inside = total();
  place++;
  return inside;
}
function product() {
  const left = value();
  if (tokens[place] === "*") return place++, left * product();
  if (tokens[place] === "/") return place++, Math.trunc(left / product());
  return left;
}
function total() {
  const left = product();
  if (tokens[place] === "+") return place++, left + total();
  if (tokens[place] === "-") return place++, left - total();
  return left;
}
console.log(String(total()));
