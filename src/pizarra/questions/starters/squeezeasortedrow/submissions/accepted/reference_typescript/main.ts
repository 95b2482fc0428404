function squeeze(values: number[]): number {
  let count = 0;
  for (const value of values) if (count === 0 || values[count - 1] !== value) values[count++] = value;
  return count;
}
