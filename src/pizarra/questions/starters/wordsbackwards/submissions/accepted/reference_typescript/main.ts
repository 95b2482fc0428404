import { readFileSync } from 'node:fs';

const line = readFileSync(0, 'utf8').split('\n')[0] ?? '';
console.log(line.split(' ').filter((word) => word !== '').reverse().join(' '));
