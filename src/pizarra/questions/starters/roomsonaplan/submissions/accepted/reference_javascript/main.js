const [height, width, ...plan] = require("fs").readFileSync(0, "utf8").split(/\s+/).filter(Boolean);
const seen = plan.map((row) => [...row].map((square) => square === "#"));
let rooms = 0;
let largest = 0;
for (let top = 0; top < +height; top++) {
  for (let left = 0; left < +width; left++) {
    if (seen[top][left]) continue;
    rooms++;
    seen[top][left] = true;
    const open = [[top, left]];
    let size = 0;
    while (open.length > 0) {
      const [y, x] = open.pop();
      size++;
      for (const [v, u] of [[y - 1, x], [y + 1, x], [y, x - 1], [y, x + 1]]) {
        if (seen[v]?.[u] === false) {
          seen[v][u] = true;
          open.push([v, u]);
        }
      }
    }
    largest = Math.max(largest, size);
  }
}
console.log(rooms, largest);
