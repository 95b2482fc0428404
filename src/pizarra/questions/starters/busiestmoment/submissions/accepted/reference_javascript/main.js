const numbers = require('fs').readFileSync(0, 'utf8').split(/\s+/).filter(Boolean).map(Number).slice(1);
const events = numbers.map((at, index) => [at, index % 2 === 0 ? 1 : -1]);
events.sort((one, other) => one[0] - other[0] || one[1] - other[1]);
let most = 0;
let here = 0;
for (const [, change] of events) {
  here += change;
  most = Math.max(most, here);
}
console.log(most);
